"use strict";
var __create = Object.create;
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __getProtoOf = Object.getPrototypeOf;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __knownSymbol = (name2, symbol) => (symbol = Symbol[name2]) ? symbol : /* @__PURE__ */ Symbol.for("Symbol." + name2);
var __typeError = (msg) => {
  throw TypeError(msg);
};
var __esm = (fn, res, err) => function __init() {
  if (err) throw err[0];
  try {
    return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res;
  } catch (e) {
    throw err = [e], e;
  }
};
var __export = (target, all) => {
  for (var name2 in all)
    __defProp(target, name2, { get: all[name2], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toESM = (mod, isNodeMode, target) => (target = mod != null ? __create(__getProtoOf(mod)) : {}, __copyProps(
  // If the importer is in node compatibility mode or this is not an ESM
  // file that has been converted to a CommonJS file using a Babel-
  // compatible transform (i.e. "__esModule" has not been set), then set
  // "default" to the CommonJS "module.exports" for node compatibility.
  isNodeMode || !mod || !mod.__esModule ? __defProp(target, "default", { value: mod, enumerable: true }) : target,
  mod
));
var __using = (stack, value, async) => {
  if (value != null) {
    if (typeof value !== "object" && typeof value !== "function") __typeError("Object expected");
    var dispose, inner;
    if (async) dispose = value[__knownSymbol("asyncDispose")];
    if (dispose === void 0) {
      dispose = value[__knownSymbol("dispose")];
      if (async) inner = dispose;
    }
    if (typeof dispose !== "function") __typeError("Object not disposable");
    if (inner) dispose = function() {
      try {
        inner.call(this);
      } catch (e) {
        return Promise.reject(e);
      }
    };
    stack.push([async, dispose, value]);
  } else if (async) {
    stack.push([async]);
  }
  return value;
};
var __callDispose = (stack, error2, hasError) => {
  var E = typeof SuppressedError === "function" ? SuppressedError : function(e, s, m, _) {
    return _ = Error(m), _.name = "SuppressedError", _.error = e, _.suppressed = s, _;
  };
  var fail = (e) => error2 = hasError ? new E(e, error2, "An error was suppressed during disposal") : (hasError = true, e);
  var next = (it) => {
    while (it = stack.pop()) {
      try {
        var result = it[1] && it[1].call(it[2]);
        if (it[0]) return Promise.resolve(result).then(next, (e) => (fail(e), next()));
      } catch (e) {
        fail(e);
      }
    }
    if (hasError) throw error2;
  };
  return next();
};

// src/lines.ts
function lineSplitter(onLine) {
  const decoder = new import_node_string_decoder.StringDecoder("utf8");
  let rest = "";
  const push = (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line.replace(/\r$/, ""));
  };
  return {
    write: (chunk) => push(decoder.write(chunk)),
    /** Gives the last line, where it had no end. */
    end() {
      push(decoder.end());
      if (rest !== "") onLine(rest);
      rest = "";
    }
  };
}
var import_node_string_decoder;
var init_lines = __esm({
  "src/lines.ts"() {
    "use strict";
    import_node_string_decoder = require("node:string_decoder");
  }
});

// src/errors.ts
function lastLines(text, count = 20) {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}
var Failure;
var init_errors = __esm({
  "src/errors.ts"() {
    "use strict";
    Failure = class extends Error {
      name = "Failure";
      stage;
      problems;
      constructor(stage, problems) {
        const list2 = "cause" in problems ? [problems] : problems;
        super(`${stage}: ${list2.map((problem2) => problem2.cause).join("; ")}`);
        this.stage = stage;
        this.problems = list2;
      }
    };
  }
});

// src/values.ts
function boolean(inputs2, input, findings, fallback) {
  const text = inputs2[input] ?? "";
  if (text === "") return fallback;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (!/^(?:false|False|FALSE)$/.test(text)) {
    findings.problems.push({
      input,
      cause: `\`${input}\` is \`${text}\`, which is neither true nor false.`,
      remedy: "Write `true` or `false`."
    });
    return fallback;
  }
  return false;
}
var init_values = __esm({
  "src/values.ts"() {
    "use strict";
  }
});

// src/deploy/line.ts
function openLine({ connect: connect2, tell, patience: patience3 }) {
  let current;
  const connection = async () => {
    const found = await current?.catch(() => void 0);
    if (found !== void 0 && !found.dropped()) return found;
    current = dial(connect2, tell, found === void 0 ? 0 : patience3);
    return await current;
  };
  const once = async (command, onLine) => {
    const { run: run2, dropped } = await connection();
    try {
      const outcome = await run2(command, onLine === void 0 ? {} : { onLine: (line) => onLine(line) });
      return dropped() ? { ...outcome, code: null } : outcome;
    } catch (error2) {
      if (!dropped()) throw error2;
      return { code: null, stdout: "", stderr: "" };
    }
  };
  return {
    once,
    async run(command) {
      for (; ; ) {
        const outcome = await once(command);
        if (outcome.code !== null) return outcome;
      }
    },
    async [Symbol.asyncDispose]() {
      await (await current?.catch(() => void 0))?.close();
    }
  };
}
async function dial(connect2, tell, patience3) {
  const end = performance.now() + patience3;
  for (let wait = 1e3; ; wait = Math.min(wait * 2, 15e3)) {
    try {
      return await connect2();
    } catch (error2) {
      if (!(error2 instanceof Failure) || performance.now() + wait > end) throw error2;
      tell(
        `The server cannot be reached: ${error2.problems[0]?.cause} The transaction goes on there by itself.`
      );
      await (0, import_promises4.setTimeout)(wait * (0.75 + Math.random() / 2));
    }
  }
}
var import_promises4;
var init_line = __esm({
  "src/deploy/line.ts"() {
    "use strict";
    import_promises4 = require("node:timers/promises");
    init_errors();
  }
});

// src/deploy/order.ts
var init_order = __esm({
  "src/deploy/order.ts"() {
    "use strict";
  }
});

// src/deploy/server/transaction/broken.sh
var broken_default;
var init_broken = __esm({
  "src/deploy/server/transaction/broken.sh"() {
    broken_default = `# shellcheck shell=dash disable=SC2154,SC2034
# Changes that broke and could not be taken back: broken/ID is the record of each. What ran before them is what there
# is to go back to, for everyone who comes later.

# The one that a service is part of, if there is one.
broken_record_of() { # SERVICE
  local left found='' service rest
  set +f
  for left in "$state/broken/"*/; do
    while read -r service rest; do
      [ "$service" != "$1" ] || found=\${left%/}
    done 2>/dev/null <"\${left}services"
  done
  set -f
  echo "$found"
}

take_over() { # BROKEN RECORD
  local service rest _
  while read -r service _ _ _ _ _ old old_reference kept _ count ran; do
    [ "$service" != "$name" ] || break
  done <"$1/services"
  while read -r service rest; do
    [ "$service" != "$name" ] || printf '%s\\n' "$service $rest" >>"$2/containers" || return
  done <"$1/containers"
  cp -p -R "$1/files/$name" "$2/files/$name" && say "  $name: $(shown_release), from before a change that broke"
}

# A change that was decided takes the place of the broken ones of its services.
drop_broken() {
  local name rest left
  while read -r name rest <&4; do
    left=$(broken_record_of "$name")
    while [ -n "$left" ]; do
      drop_service "$name" "$left"
      left=$(broken_record_of "$name")
    done
  done 4<"$record/services"
  rmdir "$state/broken" 2>/dev/null || :
}

drop_service() { # SERVICE RECORD
  local service rest others=''
  while read -r service rest; do
    [ "$service" = "$1" ] || others=$others$service\\ $rest$newline
  done <"$2/services"
  if [ -z "$others" ] || ! put "$2/services" "\${others%"$newline"}"; then rm -rf "$2"; fi
}
`;
  }
});

// src/deploy/server/transaction/engine.sh
var engine_default;
var init_engine = __esm({
  "src/deploy/server/transaction/engine.sh"() {
    engine_default = `# shellcheck shell=dash disable=SC2154
# How docker and Compose are called: each call has its deadline, and inherits descriptor 9, so that the lock is held
# until the last of them has ended, also when this script is killed.

limiter=''

# coreutils and busybox from 1.34 on; older busybox without -k; the oldest with -t.
find_limiter() {
  if timeout -k 1 1 true 2>/dev/null; then limiter="timeout\${newline}-k\${newline}15"
  elif timeout 1 true 2>/dev/null; then limiter=timeout
  else limiter="timeout\${newline}-t"
  fi
}

within() { # SECONDS docker|compose ARGUMENT…
  local limit=$1 words IFS="$newline"
  case $2 in docker) words=$docker_words ;; compose) words=$(compose_call) ;; esac
  shift 2
  $limiter "$limit" $words "$@"
}

docker() { within 60 docker "$@"; }

# The files that are named by options are the ones in place, unless $file_options name copies.
file_options=''
compose_call() {
  local file IFS="$newline"
  printf '%s%s\\n%s\\n' "$compose_words" -p "$project"
  if [ -n "$file_options" ]; then echo "$file_options"; return; fi
  for file in $compose_files; do printf '%s\\n%s\\n' -f "$file"; done
}

# Asks the engine something; an engine that is away is waited for, and asked again.
ask() {
  until docker "$@" 2>"$run/error"; do
    if engine_answers; then return 1; fi
    await_engine || return 1
  done
}

engine_answers() { within 20 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

was_away=''
await_engine() {
  local begin
  begin=$(seconds)
  say '  The docker engine does not answer: waiting for it.'
  until engine_answers; do
    if [ $(($(seconds) - begin)) -ge "$engine_timeout" ]; then
      fail "the docker engine did not answer for $engine_timeout s"
      return 1
    fi
    nap
  done
  was_away=yes
  say "  The docker engine answers again, after $(($(seconds) - begin)) s."
}

# What a command said on its way out, for the log.
told() { [ ! -s "$run/error" ] || tail -n 5 "$run/error" | indented; }

indented() {
  local line
  while IFS= read -r line || [ -n "$line" ]; do printf '  %s\\n' "$line"; done
}

# The containers of a service, by full ID; those of \`compose run\` are not among them.
containers_of() { # SERVICE
  ask ps -aq --no-trunc --filter "label=com.docker.compose.project=$project" \\
    --filter "label=com.docker.compose.service=$1" --filter label=com.docker.compose.oneoff=False
}
`;
  }
});

// src/deploy/server/transaction/files.sh
var files_default;
var init_files = __esm({
  "src/deploy/server/transaction/files.sh"() {
    files_default = `# shellcheck shell=dash disable=SC2154
# The compose files and the .env that a service runs with: a later deploy may find others in their place, under which
# the old image may not run. Copies are as private as what they are copies of.

# Those of the release that was verified, if it is still what runs; else those that are in place.
save_files() { # SERVICE FROM-RECORD
  local verified
  verified=$(release_of "$1")
  if [ -n "$verified" ] && [ "$(value_of hash "$verified/release")" = "$(hash_of "$1" "$2")" ]; then
    cp -p -R "$verified/files" "$2/files/$1"
  else
    copy_files "$2/files/$1"
  fi || fail "the compose files cannot be copied to $2"
}

# They keep their order by their numbers.
copy_files() { # TO
  local file number=10 IFS="$newline"
  mkdir -p "$1" || return
  for file in $read_files; do
    number=$((number + 1))
    cp -p "$file" "$1/$number.\${file##*/}" || return
  done
  [ -z "$env_file" ] || [ ! -e "$env_file" ] || cp -p "$env_file" "$1/env"
}

# Nothing to do with other files where the ones in place are the same.
files_differ() { # COPIES
  local file number=10 IFS="$newline"
  for file in $read_files; do
    number=$((number + 1))
    same "$file" "$1/$number.\${file##*/}" || return 0
  done
  [ -z "$env_file" ] || same "$env_file" "$1/env" || return 0
  return 1
}

same() { # FILE FILE
  [ "$(sha256sum <"$1")" = "$(sha256sum <"$2")" ] 2>/dev/null
}

# The arguments that make Compose take the copies, with the project's directory as before.
options_for() { # COPIES
  local copy
  printf '%s\\n%s\\n' --project-directory "$directory"
  set +f
  for copy in "$1"/[1-9]*; do [ ! -e "$copy" ] || printf '%s\\n%s\\n' -f "$copy"; done
  set -f
  [ ! -e "$1/env" ] || printf '%s\\n%s\\n' --env-file "$1/env"
}

# Of a service's last verified release: releases/SERVICE/current names the directory.
release_of() { # SERVICE
  local name
  read -r name 2>/dev/null <"$state/releases/$1/current" || return 0
  [ ! -e "$state/releases/$1/$name/release" ] || echo "$state/releases/$1/$name"
}

hash_of() { # SERVICE RECORD
  local service container title status image restarts hash
  while read -r service container title status image restarts hash; do
    if [ "$service" = "$1" ]; then echo "$hash"; return; fi
  done <"$2/containers"
}

value_of() { # NAME FILE: of a file with lines of \`name value\`
  local line
  while IFS= read -r line; do
    case $line in "$1 "*) echo "\${line#* }"; return ;; esac
  done 2>/dev/null <"$2"
}

# What a service was verified with; written whole, then pointed at.
keep_release() {
  local name declared new replicas rest
  step keep 'Keep what it runs with' || return
  while read -r name declared new replicas rest <&3; do
    keep_service || say "  $name: could not be written in $state/releases"
  done 3<"$record/services"
}

keep_service() {
  local to="$state/releases/$name/$id" hash before
  rm -rf "$to"
  mkdir -p "$to" && copy_files "$to/files" || return
  hash=$(hash_of_running "$name")
  put "$to/release" "image $new" "replicas $replicas" "hash $hash" "when $(utc)" || return
  before=$(release_of "$name")
  put "$state/releases/$name/current" "$id" || return
  [ -z "$before" ] || [ "$before" = "$to" ] || rm -rf "$before"
}

hash_of_running() { # SERVICE
  local containers
  containers=$(containers_of "$1") && [ -n "$containers" ] || return
  ask inspect --format '{{index .Config.Labels "com.docker.compose.config-hash"}}' "\${containers%%"$newline"*}"
}
`;
  }
});

// src/deploy/server/transaction/follow.sh
var follow_default;
var init_follow = __esm({
  "src/deploy/server/transaction/follow.sh"() {
    follow_default = `# shellcheck shell=dash disable=SC2154,SC2034
# The other end of the connection: starts the transaction where a log-out does not reach it, and tells what it writes.
# Neither has any part in it: they can be cut at any moment, and begun again.

# The parameters and the credential go through to its stdin. All three descriptors are its own, else sshd would wait
# for it; and it has a session of its own, so that no hang-up meets it.
start() { # WORD…: what takes it out of the login's reach, where that is needed
  if command -v setsid >/dev/null; then set -- "$@" setsid; else set -- "$@" nohup; fi
  umask 077
  # By way of descriptor 3, as dash gives a background command /dev/null for stdin before it looks at \`<&0\`.
  exec 3<&0
  "$@" sh "$0" run <&3 3<&- >"$run/log" 2>&1 &
  exec 3<&- </dev/null
  await_start
  follow 0
}

await_start() {
  local patience=100
  until [ -p "$run/alive" ] || [ -e "$run/verdict" ] || [ "$patience" = 0 ]; do
    patience=$((patience - 1))
    sleep 0.1 2>/dev/null || { sleep 1; patience=$((patience - 9)); }
  done
}

# Lines of the log from a byte on, as they come. After each piece a line with the mark and the byte that was reached
# (what stands before it is the begun piece of a line, or nothing); at last the mark, \`verdict\` and the verdict, or
# the mark and \`gone\`. The mark comes at least every few seconds, so that a connection that is dead shows.
mark=$(printf '\\036')

follow() { # BYTE
  local reached=$1 size over='' beat=0
  [ ! -p "$run/alive" ] || watch_end "$run/alive"
  while :; do
    if [ -e "$run/verdict" ] || [ ! -p "$run/alive" ] || [ -e "$ended" ]; then over=yes; fi
    size=$(wc -c <"$run/log") || size=0
    if [ "$size" -gt "$reached" ] || [ "$beat" = 0 ]; then
      tail -c "+$((reached + 1))" "$run/log" | head -c $((size - reached))
      [ "$size" -le "$reached" ] || reached=$size
      printf '\\n%s%s\\n' "$mark" "$reached" || exit 1
    fi
    [ -z "$over" ] || break
    beat=$(((beat + 1) % 15))
    nap
  done
  [ ! -p "$run/alive" ] || end_watch "$run/alive"
  if [ -e "$run/verdict" ]; then
    printf '%sverdict\\n' "$mark"
    cat "$run/verdict"
  else
    printf '%sgone\\n' "$mark"
  fi
}

# Heeded until the change begins.
cancel() { : >"$run/cancel"; }
`;
  }
});

// src/deploy/server/transaction/gate.sh
var gate_default;
var init_gate = __esm({
  "src/deploy/server/transaction/gate.sh"() {
    gate_default = `# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# Whether a release serves: all its containers the same ones, on the same start, running (healthy, where there is a
# healthcheck) for the whole of a window. A restart or an unhealthy spell begins the window anew, the third restart
# ends the matter. That is all that is claimed: what breaks after the window is not seen.

gate() { # new|old
  local began window='' key='' last='' look='' why='' told='' restarts=0 by_hand=0
  step gate "Gate: $(listed "$(names_of "$record")") must run for $stability s without a restart" || return
  began=$(clock)
  while :; do
    was_away=''
    observe "$1" || return
    # What an engine does to its containers when it starts is not the release's fault.
    if [ -n "$was_away" ]; then revive; began=$(clock) window='' last='' by_hand=0; continue; fi
    if [ -n "$last" ] && [ "$key" != "$last" ]; then window='' by_hand=$((by_hand + 1)); fi
    last=$key
    case $look in
      steady) window=\${window:-$(clock)} ;;
      failed) break ;;
      *) window='' ;;
    esac
    if [ "$look" = steady ] && past "$window" "$stability"; then return 0; fi
    if [ -z "$window" ] && past "$began" "$wait_timeout"; then why="$why, after $wait_timeout s"; break; fi
    if [ "$by_hand" -ge 3 ] && [ "$restarts" = 0 ]; then why='it was started anew three times'; break; fi
    if [ "$why" != "$told" ]; then told=$why; say "  \${why:-all of it runs}"; fi
    nap
  done
  show_containers
  fail "$why"
}

past() { # BEGIN SECONDS
  [ $(($(clock) - $1)) -ge $(($2 * 1000)) ]
}

# Looks once: $look is steady, waiting or failed, $why says what of, $key changes with every start.
observe() { # new|old
  local name declared new replicas kind grace old old_reference kept pointer count ran ids found
  look=steady why='' key='' restarts=0
  while read -r name declared new replicas kind grace old old_reference kept pointer count ran <&4; do
    [ "$1" = new ] || [ "$ran" != 0 ] || continue
    ids=$(containers_of "$name") || return
    found=0
    [ -z "$ids" ] || observe_service "$ids"
    if [ "$found" = 0 ]; then waits "$name has no container"; fi
  done 4<"$record/services"
}

# \`.ID\`, not \`.Id\`: with that, docker reads the answer as a plain map, in which \`.State.Health\` can be missing.
observe_service() { # IDS
  local container status exit_code restarted started health policy
  while read -r container status exit_code restarted started health policy; do
    found=$((found + 1))
    key="$key $container $started $restarted"
    restarted=$((restarted - $(restarts_before "$container")))
    [ "$restarted" -le "$restarts" ] || restarts=$restarted
    judge
  done <<LINES
$(ask inspect --format '{{.ID}} {{.State.Status}} {{.State.ExitCode}} {{.RestartCount}} {{.State.StartedAt}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}} {{.HostConfig.RestartPolicy.Name}}' $1)
LINES
}

judge() {
  if [ "$restarted" -ge 3 ]; then
    fails "$name restarted $restarted times$(with_code)"
    return
  fi
  case "$status $health" in
    'running none' | 'running healthy') ;;
    'running unhealthy') waits "$name is not healthy" ;;
    running*) waits "$name is not healthy yet" ;;
    restarting*) waits "$name does not stay up$(with_code)" ;;
    exited* | dead*)
      if [ "$kind" = one-shot ] && [ "$exit_code" = 0 ]; then return; fi
      fails "$name ended with exit code $exit_code"
      ;;
    *) waits "$name is $status" ;;
  esac
}

with_code() { [ "$exit_code" = 0 ] || echo " (exit code $exit_code)"; }

waits() { [ "$look" = failed ] || look=waiting why=$1; }

fails() { look=failed why=$1; }

# A container that went through this deploy untouched keeps its count from before.
restarts_before() { # ID
  local service container title status image restarted rest
  while read -r service container title status image restarted rest; do
    if [ "$container" = "$1" ]; then echo "$restarted"; return; fi
  done <"$record/containers"
  echo 0
}

# An engine that comes back starts what it had, but not what was being stopped when it went.
revive() {
  local name rest
  sleep 3
  while read -r name rest <&4; do
    ids=$(containers_of "$name") && [ -n "$ids" ] && docker start $ids >/dev/null 2>&1
  done 4<"$record/services"
}

# What a person wants to see of a release that failed.
show_containers() {
  local name rest container
  while read -r name rest <&4; do
    for container in $(containers_of "$name"); do show_container; done
  done 4<"$record/services"
}

show_container() {
  docker inspect --format 'The last lines of {{slice .Name 1}} ({{.State.Status}}, exit code {{.State.ExitCode}}):' \\
    "$container" 2>/dev/null | indented
  docker logs --tail 20 "$container" 2>&1 | indented
  docker inspect --format '{{if .State.Health}}{{range .State.Health.Log}}{{println "healthcheck, exit code" .ExitCode}}{{println .Output}}{{end}}{{end}}' \\
    "$container" 2>/dev/null | tail -n 12 | indented
}
`;
  }
});

// src/deploy/server/transaction/history.sh
var history_default;
var init_history = __esm({
  "src/deploy/server/transaction/history.sh"() {
    history_default = `# shellcheck shell=dash disable=SC2154,SC2034
# The history of a project: a line for every service of every run that got as far as a record, only ever added to.

history_columns='when verdict service image tags commit ref number by seconds stage url id previous'

write_history() { # VERDICT RECORD
  local name declared new replicas kind grace old old_reference rest who began
  [ -e "$history" ] || tabbed $history_columns >"$history" && share "$history" || return 0
  who=$2/run
  began=$(value_of began-at "$who")
  while read -r name declared new replicas kind grace old old_reference rest; do
    tabbed "$(utc)" "$1" "$name" "$new" "$(value_of tags "$who")" "$(value_of commit "$who")" \\
      "$(value_of ref "$who")" "$(value_of number "$who")" "$(value_of by "$who")" $(($(date +%s) - began)) \\
      "\${failed_stage:--}" "$(value_of url "$who")" "$(value_of id "$who")" \\
      "$(bare "$old_reference" "$old")"
  done >>"$history" <"$2/services" || say '  The history could not be written.'
}

tabbed() { # VALUE…
  local line='' value
  for value in "$@"; do line=$line$tab\${value:--}; done
  printf '%s\\n' "\${line#"$tab"}"
}

# The images that a service was verified with, the latest first, each once: lines of \`IMAGE WHEN TAGS\`.
verified_images() { # SERVICE
  local when verdict service image tags rest list=''
  while IFS=$tab read -r when verdict service image tags rest; do
    [ "$service $verdict" = "$1 ok" ] || continue
    list=$(without "$image" "$list")
    list="$image $when $tags$newline$list"
  done 2>/dev/null <"$history"
  printf '%s' "$list"
}

without() { # IMAGE LIST
  local line IFS="$newline"
  for line in $2; do
    case $line in "$1 "*) ;; *) printf '%s\\n' "$line" ;; esac
  done
  echo .
}

# \`rollback-to\`: an earlier release takes the place of the pushed one.
choose_release() {
  local name declared new replicas kind grace chosen list=''
  [ -n "$rollback_to" ] || return 0
  step choose "Choose $rollback_to from the history" || return
  while read -r name declared new replicas kind grace <&3; do
    [ -n "$name" ] || continue
    chosen=$(release_named "$name" "$rollback_to")
    [ -n "$chosen" ] || { unknown_release "$name"; return; }
    say "  $name: $chosen"
    list="$list$name $declared $chosen $replicas $kind $grace$newline"
  done 3<<LINES
$services
LINES
  services=$list
}

release_named() { # SERVICE previous|DIGEST|TAG
  local image when tags current
  [ "$2" != previous ] || current=$(images_that_run "$1")
  verified_images "$1" | while read -r image when tags; do
    case $2 in
      previous) runs_image "$1" "$image" || { echo "$image"; break; } ;;
      sha256:*) case \${image#*@} in "$2"*) echo "$image"; break ;; esac ;;
      *) case " $tags " in *" $2 "*) echo "$image"; break ;; esac ;;
    esac
  done
}

unknown_release() { # SERVICE
  fail "the history of $1 has no release $rollback_to"
  verified_images "$1" | indented
  return 1
}
`;
  }
});

// src/deploy/server/transaction/lock.sh
var lock_default;
var init_lock = __esm({
  "src/deploy/server/transaction/lock.sh"() {
    lock_default = `# shellcheck shell=dash disable=SC2154
# One transaction at a time in a project, for all users, with nothing but a file system: no PID is ever asked about,
# as another user's process looks like a dead one.
#
# Every run holds its fifo \`alive\` open for writing, and so does every docker command that it started. Whoever has it
# open for reading alone sees its end exactly when the last of them is gone, however it went: the kernel tells.
# The order of the runs is a chain of numbered links: the run behind the highest number has the lock. Making the next
# link is the atomic step. The highest is never removed, so a number that is free below it was never anybody's turn;
# who comes late with such a number sees the higher one and tries again.

first_number=10000000

take_lock() {
  local begin holder mine told=''
  step lock "Lock project $project" || return
  begin=$(seconds)
  while :; do
    holder=$(highest_number)
    if is_over "$state/lock/$holder"; then
      mine=$((holder + 1))
      if ln -s "../runs/$id/alive" "$state/lock/$mine" 2>"$run/error"; then
        if [ "$(highest_number)" = "$mine" ]; then break; fi
        rm -f "$state/lock/$mine"
      elif [ ! -L "$state/lock/$mine" ]; then
        told
        fail "the lock cannot be written in $state/lock"
        return
      fi
      continue
    fi
    if [ "$told" != "$holder" ]; then
      told=$holder
      say "  Waiting: $(holder_of "$holder")"
    fi
    await_end "$state/lock/$holder" $((lock_timeout - ($(seconds) - begin))) || {
      fail "$reason: $(holder_of "$holder")"
      return
    }
  done
  turn=$mine
}

highest_number() {
  local link number=$first_number
  set +f
  for link in "$state/lock/"[1-9]*; do [ ! -L "$link" ] || number=\${link##*/}; done
  set -f
  echo "$number"
}

holder_of() { # NUMBER
  local name value holder who='' since=''
  holder=$(readlink "$state/lock/$1") || return
  while read -r name value; do
    case $name in url) who=$value ;; by) who="$who ($value)" ;; since) since=$value ;; esac
  done 2>/dev/null <"$state/lock/\${holder%/alive}/who"
  echo "the lock is held by \${who:-another run} since \${since:-a moment ago}"
}

# True when nobody has the fifo open. A moment is enough for the kernel to say so; when it is too short, the run
# counts as living, which is the safe side.
is_over() { # FIFO
  [ -p "$1" ] || return 0
  watch_end "$1"
  sleep 0.05 2>/dev/null || sleep 1
  [ -e "$ended" ] || sleep 0.2 2>/dev/null
  end_watch "$1"
}

# Waits until nobody has the fifo open: at most SECONDS, and no longer than until a cancel.
await_end() { # FIFO SECONDS
  local end
  reason=''
  reason=''
  end=$(($(seconds) + $2))
  watch_end "$1"
  while [ -p "$1" ] && [ ! -e "$ended" ]; do
    if is_cancelled; then reason='cancelled while waiting'; break; fi
    if [ "$(seconds)" -ge "$end" ]; then reason="gave up waiting after $lock_timeout s"; break; fi
    nap
  done
  end_watch "$1"
}

ended=$run/ended.$$

ended=$run/ended.$$

# Opened for both first: then opening it for reading does not wait for a writer, and the end of file is the truth.
watch_end() { # FIFO
  rm -f "$ended"
  (
    exec 9>&- 7<>"$1" 8<"$1" 7>&-
    read -r _ <&8
    : >"$ended"
  ) >/dev/null 2>&1 &
  watcher=$!
}

end_watch() { # FIFO
  kill "$watcher" 2>/dev/null
  wait "$watcher" 2>/dev/null
  [ ! -p "$1" ] || [ -e "$ended" ]
  set -- $?
  rm -f "$ended"
  return "$1"
}

# What runs that were killed have left, and links that nobody can need any more.
sweep() {
  local entry
  set +f
  for entry in "$state/lock/"[1-9]*; do
    [ "\${entry##*/}" -gt $((turn - 8)) ] || rm -f "$entry"
  done
  for entry in "$state/runs/"*/; do
    entry=\${entry%/}
    case $entry in "$run") ;; *) sweep_run "$entry" ;; esac
  done
  set -f
  rm -rf "$state/record.new"
}

# A run that came to its verdict is kept for an hour, for the action that has yet to fetch it.
sweep_run() { # RUN-DIRECTORY
  local keep=0
  if [ -e "$1/verdict" ] || [ ! -p "$1/alive" ]; then keep=3600; fi
  if [ $(($(date +%s) - $(stat -c %Y "$1"))) -lt "$keep" ]; then return 0; fi
  ! is_over "$1/alive" || rm -rf "$1"
}
`;
  }
});

// src/deploy/server/transaction/parameters.sh
var parameters_default;
var init_parameters = __esm({
  "src/deploy/server/transaction/parameters.sh"() {
    parameters_default = "# shellcheck shell=dash disable=SC2034\n# What is asked for: lines of `name value` on stdin up to an empty one, then one line with the registry credential,\n# and `end`.\n# They are read as data: no shell ever evaluates them.\n\nnewline='\n'\ntab='	'\n# Lists are lines, each with its end.\ndocker_words='' compose_words='' compose_files='' read_files='' services='' env_set=''\nmode=deploy directory='' project='' env_file='' rollback_to='' rollback=true after=''\nurl='' by='' commit='' number='' workflow='' ref='' tags='' credential=''\nwait_timeout=120 stability=10 lock_timeout=600 pull_timeout=900 engine_timeout=300 keep_releases=3\ncompose_major=2 compose_minor=0\n\nread_parameters() {\n  local line value\n  while IFS= read -r line && [ -n \"$line\" ]; do\n    value=${line#* }\n    case ${line%% *} in\n      mode) mode=$value ;;\n      after) after=$value ;;\n      directory) directory=$value ;;\n      project) project=$value ;;\n      docker) docker_words=$docker_words$value$newline ;;\n      compose) compose_words=$compose_words$value$newline ;;\n      compose-version) read_compose_version \"$value\" ;;\n      compose-file) compose_files=$compose_files$value$newline ;;\n      read-file) read_files=$read_files$value$newline ;;\n      # NAME DECLARED-REFERENCE REPOSITORY@DIGEST DECLARED-REPLICAS one-shot|- STOP-GRACE\n      service) services=$services$value$newline ;;\n      env-file) env_file=$value ;;\n      env-set) env_set=$env_set$value$newline ;;\n      rollback-to) rollback_to=$value ;;\n      rollback) rollback=$value ;;\n      tags) tags=$value ;;\n      url) url=$value ;;\n      by) by=$value ;;\n      commit) commit=$value ;;\n      number) number=$value ;;\n      workflow) workflow=$value ;;\n      ref) ref=$value ;;\n      wait-timeout) wait_timeout=$value ;;\n      stability) stability=$value ;;\n      lock-timeout) lock_timeout=$value ;;\n      pull-timeout) pull_timeout=$value ;;\n      engine-timeout) engine_timeout=$value ;;\n      keep-releases) keep_releases=$value ;;\n    esac\n  done\n  IFS= read -r credential && IFS= read -r line && [ \"$line\" = end ] || { echo 'The parameters did not arrive whole.'; exit 1; }\n  exec </dev/null\n}\n\nread_compose_version() { # 2.40.3\n  compose_major=${1%%.*}\n  compose_minor=${1#*.}\n  compose_minor=${compose_minor%%.*}\n}\n";
  }
});

// src/deploy/server/transaction/pin.sh
var pin_default;
var init_pin = __esm({
  "src/deploy/server/transaction/pin.sh"() {
    pin_default = '# shellcheck shell=dash disable=SC2154\n# The reference that the compose file declares comes to mean the pushed digest on this engine: so Compose runs it, and\n# a plain `docker compose up -d` later leaves it alone.\n\npin_references() {\n  local name declared new rest\n  step pin "Pin $(declared_of "$record")" || return\n  while read -r name declared new rest <&3; do\n    ask tag "$(kept_name "$name" "$new")" "$declared" || {\n      told\n      fail "$declared cannot be pinned to $new"\n      return\n    }\n  done 3<"$record/services"\n  set_variables\n}\n\ndeclared_of() { # RECORD\n  local name declared rest list=\'\'\n  while read -r name declared rest; do\n    case " $list " in *" $declared "*) ;; *) list="$list${list:+ }$declared" ;; esac\n  done <"$1/services"\n  echo "$list"\n}\n\n# For a run that ends before anything that serves was touched.\nput_pins_back() {\n  local name declared new replicas kind grace old old_reference kept pointer rest\n  [ -d "$record" ] || return 0\n  put_variables_back || return\n  while read -r name declared new replicas kind grace old old_reference kept pointer rest <&3; do\n    point "$declared" "$pointer" || return\n  done 3<"$record/services"\n}\n\npoint() { # REFERENCE IMAGE-ID|-\n  if [ "$2" = - ]; then\n    ! ask image inspect --format . "$1" >/dev/null || ask rmi "$1" >/dev/null\n  else\n    ask tag "$2" "$1"\n  fi || { told; return 1; }\n}\n';
  }
});

// src/deploy/server/transaction/place.sh
var place_default;
var init_place = __esm({
  "src/deploy/server/transaction/place.sh"() {
    place_default = `# shellcheck shell=dash
# Makes the place of a run, and puts the script there that comes behind this on stdin. Says where it is, or why not.
# The directory belongs to whom the project's directory belongs to, and its group may write here if it may write there:
# every user who deploys must find the same lock, record and history.

place() { # PROJECT-DIRECTORY PROJECT ID
  local home="$1/.slipway" run="$1/.slipway/$2/runs/$3" try=0
  umask 077
  if mkdir "$home" 2>/dev/null; then open_up "$1" "$home"; fi
  # Another user's run may be in the middle of making it.
  until [ -w "$home" ] || [ "$try" -ge 20 ]; do try=$((try + 1)); sleep 0.1 2>/dev/null || sleep 1; done
  case $(stat -c %A "$home") in ?????w*) umask 007 ;; esac
  mkdir -p "$run" && cat >"$run/script" || return
  if [ "$(id -u)" = 0 ]; then chown "$(stat -c %u:%g "$home")" "$home/$2" "$home/$2/runs" "$run" "$run/script"; fi
  printf '%s\\n' "$run"
}

open_up() { # PROJECT-DIRECTORY HOME
  printf '*\\n' >"$2/.gitignore"
  [ "$(id -u)" != 0 ] || chown "$(stat -c %u "$1")" "$2" "$2/.gitignore"
  case $(stat -c %A "$1") in
    ?????w*) chgrp "$(stat -c %g "$1")" "$2" && chmod 2770 "$2" ;;
  esac
}
`;
  }
});

// src/deploy/server/transaction/prune.sh
var prune_default;
var init_prune = __esm({
  "src/deploy/server/transaction/prune.sh"() {
    prune_default = `# shellcheck shell=dash disable=SC2154,SC2034
# The last releases stay for a rollback. Away go only older images of these services, by the names that we gave them
# ourselves; the engine itself refuses for what a container uses.

prune() { # VERDICT
  local name rest
  while read -r name rest <&4; do prune_service "$1"; done 4<"$record/services"
}

prune_service() { # VERDICT
  local keep image rest number=0 listed
  keep=" $(kept_by_record "$1") "
  listed=$(verified_images "$name")
  while read -r image rest; do
    [ -n "$image" ] || continue
    number=$((number + 1))
    [ "$number" -gt $((keep_releases + 1)) ] || keep="$keep$(kept_name "$name" "$image") "
  done <<LINES
$listed
LINES
  docker images --format '{{.Repository}}:{{.Tag}}' slipway/kept >"$run/kept" 2>/dev/null || return 0
  while read -r image <&5; do
    case $image in "slipway/kept:$project.$name."????????????) ;; *) continue ;; esac
    case $keep in *" $image "*) ;; *) forget "$image" ;; esac
  done 5<"$run/kept"
  rm -f "$run/kept"
}

# What serves now and what served before stay in any case.
kept_by_record() { # VERDICT
  local service declared new replicas kind grace old old_reference kept rest
  while read -r service declared new replicas kind grace old old_reference kept rest; do
    [ "$service" = "$name" ] || continue
    [ "$1" != ok ] || kept_name "$name" "$new"
    [ "$kept" = - ] || echo "$kept"
  done <"$record/services" | tr '\\n' ' '
}

# An image that has no other name goes with ours; its digests would keep it otherwise.
forget() { # KEPT-NAME
  local names digest
  names=$(docker image inspect --format '{{range .RepoTags}}{{println .}}{{end}}' "$1" 2>/dev/null)
  set -- "$1" $(docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$1" 2>/dev/null)
  docker rmi "$1" >/dev/null 2>&1 || return 0
  [ "$names" = "$1" ] || return 0
  say "  Removed the image \${2:-$1}."
  shift
  for digest in "$@"; do docker rmi "$digest" >/dev/null 2>&1; done
  return 0
}
`;
  }
});

// src/deploy/server/transaction/pull.sh
var pull_default;
var init_pull = __esm({
  "src/deploy/server/transaction/pull.sh"() {
    pull_default = `# shellcheck shell=dash disable=SC2154
# The pushed digest, and nothing that a tag may mean by now.

pull_images() {
  local name declared new rest done=''
  step pull "Pull $(images_of "$record")" || return
  while read -r name declared new rest <&3; do
    case "$newline$done" in *"$newline$name $new$newline"*) continue ;; esac
    pull_and_name || return
    done=$done$name\\ $new$newline
  done 3<"$record/services"
}

images_of() { # RECORD
  local name declared new rest list=''
  while read -r name declared new rest; do
    case " $list " in *" $new "*) ;; *) list="$list\${list:+ }$new" ;; esac
  done <"$1/services"
  echo "$list"
}

# Until it has a name, a \`docker image prune\` may take it away again.
pull_and_name() {
  local try
  for try in 1 2 3 4 5; do
    if [ "$mode" = deploy ] && [ -z "$rollback_to" ] || ! ask image inspect "$new" >/dev/null; then
      pull "$new" || return
    fi
    ask tag "$new" "$(kept_name "$name" "$new")" && return
    told
  done
  fail "$new was pulled $try times, and was gone each time"
}

# A registry that stumbles is asked again; one that refuses is not.
pull() { # IMAGE
  local begin code try=0
  begin=$(seconds)
  while :; do
    try=$((try + 1))
    start_pull "$1" $((pull_timeout - ($(seconds) - begin)))
    watch_pull "$begin" || return
    code=$(cat "$run/pull.code")
    [ "$code" != 0 ] || { say "  in $(($(seconds) - begin)) s"; return 0; }
    tail -n 3 "$run/pull" | indented
    engine_answers || { await_engine || return; continue; }
    if [ "$code" = 124 ] || [ $(($(seconds) - begin)) -ge "$pull_timeout" ]; then
      fail "the pull did not end within $pull_timeout s"
      return
    fi
    if [ "$try" -ge 4 ] || refused; then fail "the image could not be pulled"; return; fi
    say "  again in $((try * 3)) s"
    sleep $((try * 3))
  done
}

# The credential goes through a pipe into a client configuration that is no file: docker reads it from its stdin.
# So nothing can be left behind, however this ends. The context must be named, else another engine would pull.
start_pull() { # IMAGE SECONDS
  local config="$run/docker" context
  rm -f "$run/pull.code"
  set -- "$2" pull "$1"
  if [ -n "$credential" ]; then
    context=$(docker context inspect --format '{{.Name}}' 2>/dev/null) || context=''
    mkdir -p "$config" && ln -sf /dev/stdin "$config/config.json"
    [ -e "$config/contexts" ] || ln -s "\${DOCKER_CONFIG:-$HOME/.docker}/contexts" "$config/contexts" 2>/dev/null
    set -- "$1" --config "$config" "$2" "$3"
  fi
  (
    code=0
    printf '%s' "\${credential%\\}}\${context:+,\\"currentContext\\":\\"$context\\"}}" |
      call_pull "$@" >"$run/pull" 2>&1 || code=$?
    put "$run/pull.code" "$code"
  ) &
}

call_pull() { # SECONDS ARGUMENT…
  local limit=$1 IFS="$newline"
  shift
  sh -c 'echo $$ >"$1"; shift; exec "$@"' sh "$run/pull.pid" $limiter "$limit" $docker_words "$@"
}

watch_pull() { # BEGIN
  local said
  said=$(seconds)
  until [ -e "$run/pull.code" ]; do
    if is_cancelled; then
      kill "$(cat "$run/pull.pid")" 2>/dev/null
      fail 'cancelled during the pull'
      return
    fi
    if [ $(($(seconds) - said)) -ge 10 ]; then
      said=$(seconds)
      say "  $(pull_progress), $((said - $1)) s"
    fi
    nap
  done
}

pull_progress() {
  local line layers=0 complete=0
  while read -r line; do
    case $line in
      *': Pulling fs layer' | *': Already exists') layers=$((layers + 1)) ;;
    esac
    case $line in *': Pull complete' | *': Already exists') complete=$((complete + 1)) ;; esac
  done <"$run/pull"
  echo "$complete of $layers layers"
}

refused() {
  local line
  while read -r line; do
    case $line in
      *denied* | *unauthorized* | *'manifest unknown'* | *'not found'* | *'no matching manifest'* | \\
        *'invalid reference'* | *'no space left'*) return 0 ;;
    esac
  done <"$run/pull"
  return 1
}
`;
  }
});

// src/deploy/server/transaction/record.sh
var record_default;
var init_record = __esm({
  "src/deploy/server/transaction/record.sh"() {
    record_default = `# shellcheck shell=dash disable=SC2154,SC2034
# What ran, written before anything is touched: enough for anyone to put it back. A directory that is renamed into
# place whole:
#   run          who makes this change
#   stage        how far it came; from \`up\` on, what serves may have been touched
#   services     NAME DECLARED NEW REPLICAS KIND GRACE | IMAGE-ID REPOSITORY@DIGEST KEPT-AS POINTED-TO COUNT RAN
#   containers   SERVICE ID NAME STATUS IMAGE-ID RESTARTS CONFIG-HASH
#   files/NAME/  the compose files and the .env that the service runs with
# \`-\` stands for what is not there.

record_release() {
  step record 'Record what runs' || return
  rm -rf "$state/record.new"
  [ ! -e "$record" ] || { fail 'what an earlier run left could not be settled'; return; }
  mkdir -p "$state/record.new/files" && write_record "$state/record.new" || {
    rm -rf "$state/record.new"
    fail "\${reason:-the record cannot be written in $state}"
    return
  }
  flush
  mv "$state/record.new" "$record" || fail "the record cannot be written in $state"
}

write_record() { # DIRECTORY
  local name declared new replicas kind grace
  : >"$1/services" && : >"$1/containers" || return
  put "$1/stage" record && put "$1/run" "id $id" "url $url" "by $by" "commit $commit" "number $number" \\
    "workflow $workflow" "ref $ref" "tags $tags" "rollback $rollback" \\
    "env-file $env_file" "began-at $(date +%s)" || return
  while read -r name declared new replicas kind grace <&3; do
    record_service "$1" || return
    printf '%s\\n' "$name $declared $new $replicas $kind $grace $old $old_reference $kept $pointer $count $ran" \\
      >>"$1/services" || return
  done 3<<LINES
\${services%"$newline"}
LINES
  share "$1" "$1"/services "$1"/containers
}

record_service() { # DIRECTORY
  local broken ids
  pointer=$(ask image inspect --format '{{.ID}}' "$declared") || pointer=-
  broken=$(broken_record_of "$name")
  if [ -n "$broken" ]; then take_over "$broken" "$1"; return; fi
  old='-' old_reference='-' kept='-' count=0 ran=0
  ids=$(containers_of "$name") || { fail 'the docker engine does not say what runs'; return; }
  if [ -n "$ids" ]; then
    describe "$ids" >>"$1/containers" && read_containers "$1" && name_old_image || return
    ended_well "$ids" && kind=one-shot
  fi
  save_files "$name" "$1" && say "  $name: $(shown_release)"
}

describe() { # IDS
  ask inspect --format '{{index .Config.Labels "com.docker.compose.service"}} {{.ID}} {{slice .Name 1}} {{.State.Status}} {{.Image}} {{.RestartCount}} {{index .Config.Labels "com.docker.compose.config-hash"}}' $1
}

# The release is the image of what runs; of several, any that runs.
read_containers() { # DIRECTORY
  local service container title status image rest
  while read -r service container title status image rest; do
    [ "$service" = "$name" ] || continue
    count=$((count + 1))
    case $status in
      running | restarting) ran=$((ran + 1)) old=$image ;;
      *) [ "$old" != - ] || old=$image ;;
    esac
  done <"$1/containers"
}

# All of it ended with exit code 0: it is there to do its work once, and does not fail by ending.
ended_well() { # IDS
  local line
  while read -r line; do
    [ "$line" = 'exited 0' ] || return
  done <<LINES
$(ask inspect --format '{{.State.Status}} {{.State.ExitCode}}' $1)
LINES
}

# Compose removes its container and the pin takes its tag: without a name of ours the next \`docker image prune\`
# would take the image to roll back to.
name_old_image() {
  old_reference=$(reference_of "$old" "\${new%@*}")
  kept=$(kept_name "$name" "\${old_reference:-$old}")
  ask tag "$old" "$kept" || { told; fail "the image that runs cannot be named $kept"; }
  old_reference=\${old_reference:--}
}

# \`repo@sha256:…\` of an image: under the repository that is deployed, if it has it, else the first.
reference_of() { # IMAGE-ID REPOSITORY
  local line first=''
  while read -r line; do
    case $line in '') continue ;; "$2"@*) first=$line; break ;; esac
    first=\${first:-$line}
  done <<LINES
$(ask image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$1")
LINES
  echo "$first"
}

# A tag, as it may hold every character of a service's name, which a repository may not.
kept_name() { # SERVICE REFERENCE-OR-ID
  local hash=\${2##*sha256:} rest
  rest=\${hash#????????????}
  echo "slipway/kept:$project.$1.\${hash%"$rest"}"
}

shown_release() {
  case $count in
    0) echo 'nothing runs yet' ;;
    *) echo "$(bare "$old_reference" "$old"), $ran of $count running" ;;
  esac
}

bare() { if [ "$1" != - ]; then echo "$1"; else echo "$2"; fi; }

# What was renamed must be on the disk before what depends on it; a slow disk is not waited for for ever.
flush() { $limiter 20 sync 2>/dev/null || :; }
`;
  }
});

// src/deploy/server/transaction/rollback.sh
var rollback_default;
var init_rollback = __esm({
  "src/deploy/server/transaction/rollback.sh"() {
    rollback_default = '# shellcheck shell=dash disable=SC2154,SC2034,SC2086\n# Puts back what ran: image, .env, number of containers, and the compose files where those in place are others.\n\nroll_back() {\n  failed_stage=${failed_stage:-$stage} why_failed=${why_failed:-$reason} outcome=broken\n  if [ "$(value_of rollback "$record/run")" = false ]; then\n    say \'  Not rolled back, as `rollback` is off.\'\n    return\n  fi\n  step rollback "Roll back to $(listed "$(old_releases "$record")")"\n  engine_answers || await_engine || return\n  put_variables_back\n  bring_back || return\n  if ! ran_before "$record"; then\n    outcome=$(if had_before "$record"; then echo rolled-back; else echo removed; fi)\n  elif gate old && verify_old; then\n    outcome=rolled-back\n  fi\n}\n\nbring_back() {\n  local name declared new replicas kind grace old old_reference kept pointer count ran\n  while read -r name declared new replicas kind grace old old_reference kept pointer count ran <&3; do\n    if [ "$old" = - ]; then remove_service; else restore_service; fi || return\n  done 3<"$record/services"\n}\n\n# There was nothing before.\nremove_service() {\n  local ids\n  ids=$(containers_of "$name") || return\n  [ -z "$ids" ] || ask rm -f -v $ids >/dev/null || { told; fail "$name could not be removed"; return; }\n  point "$declared" "$pointer"\n  say "  Removed $name: there was nothing before."\n}\n\n# The very containers that ran are the best that can come back; where Compose has removed one, it makes them anew.\nrestore_service() {\n  ask tag "$old" "$declared" || { told; fail "the image that ran is gone"; return; }\n  if all_there; then return_containers; else make_anew; fi\n}\n\nall_there() {\n  local service container rest\n  while read -r service container rest; do\n    [ "$service" = "$name" ] || continue\n    ask inspect --type container --format . "$container" >/dev/null || return\n  done <"$record/containers"\n}\n\nreturn_containers() {\n  local container service title status rest\n  for container in $(containers_of "$name"); do\n    is_recorded "$container" || ask rm -f "$container" >/dev/null || return\n  done\n  tidy_service\n  while read -r service container title status rest <&5; do\n    [ "$service" = "$name" ] || continue\n    case $status in\n      running | restarting) ask start "$container" >/dev/null ;;\n      *) ask stop "$container" >/dev/null ;;\n    esac || { told; fail "$title could not be started again"; return; }\n  done 5<"$record/containers"\n}\n\nmake_anew() {\n  local code=0 IFS="$newline"\n  tidy_service\n  if files_differ "$record/files/$name"; then\n    say "  $name: with the compose files that it ran with"\n    file_options=$(options_for "$record/files/$name")\n  fi\n  set -- "$name"\n  [ "$count" = "$replicas" ] || set -- --scale "$name=$count" "$name"\n  compose_up 3 "$@" || code=$?\n  file_options=\'\'\n  [ "$ran" != 0 ] || ask stop $(containers_of "$name") >/dev/null\n  return "$code"\n}\n\nold_releases() { # RECORD\n  local name declared new replicas kind grace old old_reference rest\n  while read -r name declared new replicas kind grace old old_reference rest; do\n    if [ "$old" = - ]; then echo "$name to nothing"; else bare "$old_reference" "$old"; fi\n  done <"$1/services"\n}\n\nran_before() { # RECORD\n  local name declared new replicas kind grace old old_reference kept pointer count ran\n  while read -r name declared new replicas kind grace old old_reference kept pointer count ran; do\n    [ "$ran" = 0 ] || return 0\n  done <"$1/services"\n  return 1\n}\n\nhad_before() { # RECORD\n  local name declared new replicas kind grace old rest\n  while read -r name declared new replicas kind grace old rest; do\n    [ "$old" = - ] || return 0\n  done <"$1/services"\n  return 1\n}\n';
  }
});

// src/deploy/server/transaction/run.sh
var run_default;
var init_run = __esm({
  "src/deploy/server/transaction/run.sh"() {
    run_default = `# shellcheck shell=dash disable=SC2034,SC2154
# A run and what it leaves for others to read. Everything is in one directory per project:
#   runs/ID/    script, alive (a fifo: open as long as the run lives), who, log, stages, cancel, verdict
#   lock/       numbered links to the \`alive\` of the runs that had the lock; the highest one counts
#   record/     the change that is under way, or was cut: see record.sh
#   releases/   what a service ran with when it was last verified
#   history.tsv

set -u -f
run=\${0%/*}
id=\${run##*/}
state=\${run%/runs/*}
record=$state/record
history=$state/history.tsv
stage=start reason='' failed_stage='' outcome='' changed='' cancelled='' why_failed='' settling='' why_failed='' settling=''

begin_run() {
  umask "$(private_umask)"
  mkdir -p "$state/lock" "$state/releases" || exit 1
  cd "$directory" || exit 1
  trap 'cancelled=yes' TERM
  trap '' HUP INT
  find_limiter
  mkfifo "$run/alive" && share "$run/alive" && exec 9<>"$run/alive" || exit 1
  put "$run/who" "url $url" "by $by" "since $(utc)" || exit 1
}

# As private as the project's own directory: its group may write here when it may write there.
private_umask() {
  case $(stat -c %A "$state") in ?????w*) echo 007 ;; *) echo 077 ;; esac
}

# A file that root wrote belongs to the owner of the directory, so that another user's run can go on from here.
share() { # FILE…
  [ "$(id -u)" != 0 ] || chown "$(stat -c %u:%g "$state")" "$@"
}

# Lines as words.
listed() { # LINES
  local line list=''
  while IFS= read -r line; do list="$list\${list:+ }$line"; done <<LINES
$1
LINES
  printf '%s\\n' "$list"
}

say() { printf '%s\\n' "$*"; }

fail() { # REASON: what a step ends with when it did not do its work
  reason=$*
  say "  $reason"
  return 1
}

# Begins a stage, and notes when. Before anything has changed, a cancel ends the run here.
step() { # NAME TEXT
  if [ -z "$changed" ] && is_cancelled; then fail 'cancelled'; return 1; fi
  stage=$1
  printf '%s %s\\n' "$(clock)" "$1" >>"$run/stages"
  [ ! -d "$record" ] || [ -n "$settling" ] || put "$record/stage" "$1" || :
  say "$2"
}

is_cancelled() { [ -n "$cancelled" ] || [ -e "$run/cancel" ]; }

# Writes a file whole or not at all: a full disk must not leave half of one.
put() { # FILE LINE…
  local file=$1
  shift
  printf '%s\\n' "$@" >"$file.new" && share "$file.new" && mv -f "$file.new" "$file"
}

utc() { date -u +%Y-%m-%dT%H:%M:%SZ; }

# Milliseconds of a clock that nobody sets.
clock() {
  local up _
  if read -r up _ 2>/dev/null </proc/uptime; then
    echo "\${up%.*}\${up#*.}0"
  else
    date +%s000
  fi
}

seconds() { local now; now=$(clock); echo "\${now%???}"; }

nap() { sleep 0.3 2>/dev/null || sleep 1; }
`;
  }
});

// src/deploy/server/transaction/settle.sh
var settle_default;
var init_settle = __esm({
  "src/deploy/server/transaction/settle.sh"() {
    settle_default = `# shellcheck shell=dash disable=SC2154,SC2034
# A record that nobody closed: its run was killed, or the host went down. Before anything else it is brought to an
# end: forward where its release turns out to serve, else back.

settle() {
  local left
  if [ -d "$state/record" ]; then settle_one settle_cut "$state/record"; fi
  set +f
  for left in "$state/broken/"*/; do
    [ ! -d "$left" ] || settle_one settle_broken "\${left%/}"
  done
  set -f
  rmdir "$state/broken" 2>/dev/null
  record=$state/record stage=settle changed='' failed_stage='' why_failed='' reason='' outcome='' settling=''
  sweep
}

settle_one() { # COMMAND RECORD
  local before was
  record=$2 settling=yes changed=yes before=$(value_of id "$2/run")
  was=$(cat "$record/stage" 2>/dev/null)
  failed_stage=\${was:-record} why_failed="the run was cut off in the stage \${was:-record}"
  step settle "Settle what $(value_of url "$record/run") left in the stage $failed_stage"
  set -f
  "$1" "$was"
  [ -n "$outcome" ] || return 0
  write_history "$outcome" "$record"
  [ "$outcome" = broken ] || prune "$outcome"
  write_verdict "$outcome" "$state/runs/$before"
  close_record "$outcome"
  say "  settled: $outcome"
}

settle_cut() { # STAGE
  local verdict
  # A run that had its verdict but not the time to close.
  verdict=$(value_of kind "$state/runs/$(value_of id "$record/run")/verdict")
  outcome=''
  case $verdict in ok | unchanged | rolled-back | removed) close_record "$verdict"; return ;; esac
  case $1 in
    '' | record | pull | pin) put_pins_back; outcome=unchanged ;;
    rollback) roll_back ;;
    *)
      if verify_release && gate new; then
        keep_release
        outcome=ok failed_stage='' why_failed=''
      else
        roll_back
      fi
      ;;
  esac
}

# A broken one may have been put right by hand meanwhile: what serves is left alone. Where \`rollback\` is off, what is
# broken was left so on purpose.
settle_broken() {
  local patience=$wait_timeout
  outcome=''
  [ "$(value_of rollback "$record/run")" != false ] || return 0
  wait_timeout=5
  if gate new; then
    say '  It serves again: somebody has put it right.'
    rm -rf "$record"
  else
    wait_timeout=$patience
    roll_back
  fi
  wait_timeout=$patience
}
`;
  }
});

// src/deploy/server/transaction/told.sh
var told_default;
var init_told = __esm({
  "src/deploy/server/transaction/told.sh"() {
    told_default = '# shellcheck shell=dash disable=SC2154,SC2034\n# For the action whose run is gone without a verdict: what became of it.\n\ntell_settled() {\n  if [ -e "$state/runs/$after/verdict" ]; then\n    cp -p "$state/runs/$after/verdict" "$run/verdict.new" && mv -f "$run/verdict.new" "$run/verdict"\n  elif ! verdict_from_history; then\n    # Everything that gets as far as a record is settled, and is in the history then.\n    failed_stage=cut why_failed=\'the transaction was cut off before it changed anything\'\n    write_verdict unchanged "$run"\n  fi\n}\n\nverdict_from_history() {\n  local when verdict service image tags commit ref number by took where link whose before found=\'\'\n  while IFS=$tab read -r when verdict service image tags commit ref number by took where link whose before; do\n    [ "$whose" = "$after" ] || continue\n    [ -n "$found" ] || found="kind $verdict${newline}stage $where${newline}reason the run was cut off"\n    found="$found${newline}previous $service $before"\n    case $verdict in ok) before=$image ;; removed | broken) before=- ;; esac\n    found="$found${newline}deployed $service $before"\n  done 2>/dev/null <"$history"\n  [ -n "$found" ] && put "$run/verdict" "$found" end\n}\n';
  }
});

// src/deploy/server/transaction/transaction.sh
var transaction_default;
var init_transaction = __esm({
  "src/deploy/server/transaction/transaction.sh"() {
    transaction_default = '# shellcheck shell=dash disable=SC2154\n# shellcheck shell=dash disable=SC2154\n# The change on the server, as one transaction that runs there by itself: it ends with the new release verified or\n# with the old one back, whatever becomes of the connection, of the runner and of this very process.\n#\n# Each step returns 0, or leaves why it did not in $reason. Up to `begin_change` nothing that serves was touched;\n# from there on a failure is rolled back. A run that is killed leaves its record, and whoever comes next settles it.\n\ndeploy() {\n  if take_lock && settle && choose_release && record_release && pull_images && pin_references && begin_change; then\n    if bring_up && gate new && verify_release; then\n      keep_release\n      conclude ok\n    else\n      roll_back\n      conclude "$outcome"\n    fi\n  else\n    put_pins_back\n    conclude unchanged\n  fi\n}\n\n# For the action that finds its run dead: what became of it, and an end to what it left half-way.\nsettle_only() {\n  take_lock && settle\n  tell_settled\n}\n\nmain() { # start [WORD…] | run | follow BYTE | cancel\n  case $1 in\n    start | follow | cancel) "$@" ;;\n    run)\n      read_parameters\n      begin_run\n      case $mode in deploy) deploy ;; settle) settle_only ;; esac\n      ;;\n  esac\n}\n';
  }
});

// src/deploy/server/transaction/up.sh
var up_default;
var init_up = __esm({
  "src/deploy/server/transaction/up.sh"() {
    up_default = `# shellcheck shell=dash disable=SC2154,SC2034,SC2046,SC2086
# Compose replaces the containers. It does so in steps (create under a passing name, stop, remove, rename, start), and
# an end half-way leaves names and containers that a second \`up\` stumbles over: those are put in order in between.

# From here on what serves may have been touched: it is written down before it is so.
begin_change() {
  step up "Bring up $(listed "$(names_of "$record")")" || return
  put "$record/stage" up || { fail "the record cannot be written in $state"; return; }
  flush
  changed=yes
}

bring_up() {
  compose_up 1 $(scales_of "$record") $(names_of "$record")
}

# Again only where the engine was away meanwhile, or as often as it is told: what was cut once can stumble once more.
compose_up() { # TRIES ARGUMENT…
  local tries=$1 try=0 code limit
  shift
  limit=$(up_limit "$record")
  while :; do
    try=$((try + 1)) code=0 was_away=''
    within "$limit" compose up -d --no-deps --no-build $(never_pull) "$@" || code=$?
    engine_answers || await_engine || return
    tidy
    [ "$code" != 0 ] || [ -n "$was_away" ] || return 0
    if [ "$try" -ge 3 ] || { [ "$try" -ge "$tries" ] && [ -z "$was_away" ]; }; then break; fi
  done
  case $code in
    0) return 0 ;;
    124 | 137 | 143) fail "Compose did not end within $limit s" ;;
    *) fail "Compose failed (exit code $code)" ;;
  esac
}

# Compose 1 has no such option, and pulls only what is missing, as do the first 2.x.
never_pull() {
  if [ "$compose_major" -ge 2 ] && { [ "$compose_major" -gt 2 ] || [ "$compose_minor" -ge 2 ]; }; then
    printf '%s\\n' --pull never
  fi
}

names_of() { # RECORD
  local name rest
  while read -r name rest; do echo "$name"; done <"$1/services"
}

# A service that was scaled by hand keeps its number, unless the file has come to ask for another one since.
scales_of() { # RECORD
  local name declared new replicas kind grace old old_reference kept pointer count rest verified
  while read -r name declared new replicas kind grace old old_reference kept pointer count rest; do
    [ "$count" != 0 ] && [ "$count" != "$replicas" ] || continue
    verified=$(release_of "$name")
    if [ -n "$verified" ] && [ "$(value_of replicas "$verified/release")" != "$replicas" ]; then continue; fi
    printf '%s\\n' --scale "$name=$count"
  done <"$1/services"
}

# Longer than the containers may take to stop, one after the other.
up_limit() { # RECORD
  local name declared new replicas kind grace rest limit=120
  while read -r name declared new replicas kind grace rest; do
    limit=$((limit + replicas * (grace + 10)))
  done <"$1/services"
  echo "$limit"
}

# What an \`up\` that was cut has left: containers that never started, and passing names (\`<id12>_name\`).
tidy() {
  local name rest
  while read -r name rest <&4; do tidy_service; done 4<"$record/services"
}

tidy_service() {
  local container title status proper
  containers_with_names "$name" >"$run/containers" || return
  while read -r container title status <&5; do
    proper=$(proper_name "$container" "$title")
    [ "$proper" != "$title" ] || continue
    if [ "$status" = created ] && ! is_recorded "$container"; then
      ask rm -f "$container" >/dev/null && say "  Removed $title, which never started."
    elif ! ask inspect --type container --format . "$proper" >/dev/null; then
      ask rename "$container" "$proper" && say "  Renamed $title to $proper."
    fi
  done 5<"$run/containers"
}

containers_with_names() { # SERVICE
  local ids
  ids=$(containers_of "$1") || return
  [ -z "$ids" ] || ask inspect --format '{{.ID}} {{slice .Name 1}} {{.State.Status}}' $ids
}

# The name that was recorded, else without the twelve digits of an ID in front.
proper_name() { # ID NAME
  local service container title rest digit='[0-9a-f]'
  while read -r service container title rest; do
    if [ "$container" = "$1" ]; then bare_name "$title"; return; fi
  done <"$record/containers"
  bare_name "$2"
}

bare_name() { # NAME
  case $1 in
    [0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]_?*) echo "\${1#*_}" ;;
    *) echo "$1" ;;
  esac
}

is_recorded() { # ID
  local service container rest
  while read -r service container rest; do
    [ "$container" != "$1" ] || return 0
  done <"$record/containers"
  return 1
}
`;
  }
});

// src/deploy/server/transaction/variables.sh
var variables_default;
var init_variables = __esm({
  "src/deploy/server/transaction/variables.sh"() {
    variables_default = `# shellcheck shell=dash disable=SC2154
# Lines of the project's .env, where the reference comes from a variable in it. All else in it stays byte for byte.

set_variables() {
  local line IFS="$newline"
  [ -n "$env_set" ] || return 0
  if [ -e "$env_file" ]; then cp -p "$env_file" "$record/env-before"; else : >"$record/env-absent"; fi ||
    { fail "$env_file cannot be copied"; return; }
  for line in $env_set; do
    say "  $line, in $env_file"
    set_variable "$env_file" "\${line%%=*}" "$line" || { fail "$env_file cannot be written"; return; }
  done
}

put_variables_back() {
  local file
  file=$(value_of env-file "$record/run")
  if [ -e "$record/env-before" ]; then
    same "$record/env-before" "$file" || replace_by "$file" cat "$record/env-before"
  elif [ -e "$record/env-absent" ]; then
    rm -f "$file"
  fi || fail "$file cannot be put back"
}

set_variable() { # FILE NAME LINE
  local number
  number=$(line_of "$2" "$1")
  replace_by "$1" with_line "$1" "$number" "$3"
}

# A new file in the old one's place, with its mode and owner.
replace_by() { # FILE COMMAND…
  local file=$1
  shift
  if [ -e "$file" ]; then cp -p "$file" "$file.slipway"; fi && "$@" >"$file.slipway" && mv -f "$file.slipway" "$file"
}

with_line() { # FILE NUMBER LINE: 0 adds it
  if [ "$2" = 0 ]; then
    [ ! -s "$1" ] || { cat "$1"; ends_line "$1" || echo; }
    printf '%s\\n' "$3"
  else
    [ "$2" = 1 ] || head -n $(($2 - 1)) "$1"
    printf '%s\\n' "$3"
    tail -n +$(($2 + 1)) "$1"
  fi
}

ends_line() { [ -z "$(tail -c 1 "$1")" ]; }

# The last line that sets it counts, in Compose too; 0 where there is none. A line within a quoted value that goes
# over several lines is not meant.
line_of() { # NAME FILE
  local line number=0 found=0 quote=''
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    if [ -n "$quote" ]; then
      case $line in *"$quote"*) quote='' ;; esac
      continue
    fi
    line=\${line#"\${line%%[! $tab]*}"}
    case $line in 'export '*) line=\${line#export } line=\${line#"\${line%%[! $tab]*}"} ;; esac
    case $line in "$1="* | "$1 "*=* | "$1$tab"*=*) found=$number ;; esac
    quote=$(open_quote "$line")
  done 2>/dev/null <"$2"
  echo "$found"
}

# The quote that a line begins a value with and does not end.
open_quote() { # LINE
  local value=\${1#*=}
  case $1 in '#'*) return ;; *=*) ;; *) return ;; esac
  value=\${value#"\${value%%[! $tab]*}"}
  case $value in
    \\"*\\"* | \\'*\\'*) ;;
    \\"*) echo '"' ;;
    \\'*) echo "'" ;;
  esac
}
`;
  }
});

// src/deploy/server/transaction/verdict.sh
var verdict_default;
var init_verdict = __esm({
  "src/deploy/server/transaction/verdict.sh"() {
    verdict_default = `# shellcheck shell=dash disable=SC2154,SC2034
# How a run ends: a line in the history for every service, old images away, the verdict, and only then the record is
# closed. Whoever is killed in between leaves a record that the next one closes in the same way.

conclude() { # ok|unchanged|rolled-back|removed|broken
  failed_stage=\${failed_stage:-$stage} why_failed=\${why_failed:-$reason}
  [ "$1" != ok ] || failed_stage='' why_failed=''
  if [ -d "$record" ]; then
    write_history "$1" "$record"
    [ "$1" = broken ] || prune "$1"
    [ "$1" = unchanged ] || drop_broken
    [ "$1" = unchanged ] || drop_broken
  fi
  write_verdict "$1" "$run"
  close_record "$1"
  rm -rf "$run/error" "$run/containers" "$run/docker" "$run/pull" "$run/pull.code" "$run/pull.pid"
  say "$(last_word "$1")"
  exit 0
}

# No verdict at all is left when it cannot be written whole; nobody takes that for a success.
write_verdict() { # KIND RUN-DIRECTORY
  [ -d "$2" ] || return 0
  {
    printf 'kind %s\\n' "$1"
    [ -z "$failed_stage" ] || printf 'stage %s\\nreason %s\\n' "$failed_stage" "$why_failed"
    [ ! -d "$record" ] || releases "$1"
    durations "$2/stages"
    echo end
  } >"$2/verdict.new" && share "$2/verdict.new" && mv -f "$2/verdict.new" "$2/verdict"
}

# What serves now, and what served before.
releases() { # KIND
  local name declared new replicas kind grace old old_reference rest before
  while read -r name declared new replicas kind grace old old_reference rest <&4; do
    before=$(bare "$old_reference" "$old")
    printf 'previous %s %s\\n' "$name" "$before"
    case $1 in
      ok) printf 'deployed %s %s\\n' "$name" "$new" ;;
      unchanged | rolled-back) printf 'deployed %s %s\\n' "$name" "$before" ;;
      removed) printf 'deployed %s -\\n' "$name" ;;
      broken) printf 'deployed %s %s\\n' "$name" "$(what_runs "$name" "$new")" ;;
    esac
  done 4<"$record/services"
}

what_runs() { # SERVICE REPOSITORY@DIGEST
  local ids image
  ids=$(docker ps -q --no-trunc --filter "label=com.docker.compose.project=$project" \\
    --filter "label=com.docker.compose.service=$1" --filter label=com.docker.compose.oneoff=False 2>/dev/null)
  [ -n "$ids" ] || { echo -; return; }
  image=$(docker inspect --format '{{.Image}}' "\${ids%%"$newline"*}" 2>/dev/null) || { echo -; return; }
  set -- "$(reference_of "$image" "\${2%@*}")"
  echo "\${1:-$image}"
}

durations() { # STAGES: lines of \`milliseconds stage\`
  local time name last_time='' last_name=''
  while read -r time name; do
    [ -z "$last_name" ] || printf 'took %s %s\\n' "$last_name" $((time - last_time))
    last_time=$time last_name=$name
  done 2>/dev/null <"$1"
  [ -z "$last_name" ] || printf 'took %s %s\\n' "$last_name" $(($(clock) - last_time))
}

# Only a verdict that serves closes a record. A broken one is kept for the next comer, beside the changes to come.
close_record() { # KIND
  [ -d "$record" ] || return 0
  if [ "$1" = broken ]; then
    case $record in
      "$state/record") mkdir -p "$state/broken" && mv "$record" "$state/broken/$(value_of id "$record/run")" ;;
    esac
  elif [ -e "$run/verdict" ] || [ "$settling" = yes ]; then
    rm -rf "$state/closed" && mv "$record" "$state/closed" && rm -rf "$state/closed"
  fi
}

last_word() { # KIND
  case $1 in
    ok) echo 'Done: the new release serves.' ;;
    unchanged) echo "Stopped: $why_failed. Nothing was changed." ;;
    rolled-back) echo "Rolled back: $why_failed. The release from before serves." ;;
    removed) echo "Removed: $why_failed. Nothing served before, and nothing does now." ;;
    broken) echo "Broken: $why_failed." ;;
  esac
}
`;
  }
});

// src/deploy/server/transaction/verify.sh
var verify_default;
var init_verify = __esm({
  "src/deploy/server/transaction/verify.sh"() {
    verify_default = `# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# What runs is what was pushed: asked of the running containers, as Compose can end well with the old release still
# there.

verify_release() {
  local name declared new rest
  step verify 'Verify the digest that runs' || return
  while read -r name declared new rest <&4; do
    runs_image "$name" "$new" || { fail "$name does not run $new"; return; }
    say "  $name runs $new"
  done 4<"$record/services"
}

# By the image's identity; with the classic store that is another digest than the pushed one, which then stands among
# those that the image is known by, under whatever repository.
runs_image() { # SERVICE REPOSITORY@DIGEST
  local images image
  images=$(images_that_run "$1") && [ -n "$images" ] || return
  for image in $images; do
    known_by "$image" "\${2#*@}" || return
  done
}

images_that_run() { # SERVICE
  local ids
  ids=$(containers_of "$1") && [ -n "$ids" ] || return
  ask inspect --format '{{.Image}}' $ids
}

known_by() { # IMAGE-ID DIGEST
  local line
  [ "$1" != "$2" ] || return 0
  while read -r line; do
    [ "\${line#*@}" != "$2" ] || return 0
  done <<LINES
$(ask image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$1")
LINES
  return 1
}

# The same for what was put back.
verify_old() {
  local name declared new replicas kind grace old rest image
  while read -r name declared new replicas kind grace old rest <&4; do
    [ "$old" != - ] || continue
    for image in $(images_that_run "$name"); do
      [ "$image" = "$old" ] || { fail "$name does not run its old image"; return; }
    done
  done 4<"$record/services"
}
`;
  }
});

// src/deploy/script.ts
var transactionScript, placingScript;
var init_script = __esm({
  "src/deploy/script.ts"() {
    "use strict";
    init_broken();
    init_engine();
    init_files();
    init_follow();
    init_gate();
    init_history();
    init_lock();
    init_parameters();
    init_pin();
    init_place();
    init_prune();
    init_pull();
    init_record();
    init_rollback();
    init_run();
    init_settle();
    init_told();
    init_transaction();
    init_up();
    init_variables();
    init_verdict();
    init_verify();
    transactionScript = [
      parameters_default,
      run_default,
      engine_default,
      lock_default,
      record_default,
      files_default,
      pull_default,
      pin_default,
      variables_default,
      up_default,
      gate_default,
      verify_default,
      rollback_default,
      settle_default,
      broken_default,
      told_default,
      history_default,
      prune_default,
      verdict_default,
      follow_default,
      transaction_default,
      'main "$@"\n'
    ].join("");
    placingScript = `${place_default}place "$@"
`;
  }
});

// src/deploy/follow.ts
function openFollower(tell) {
  let reached = 0;
  let pending = [];
  let begun = "";
  let verdict;
  let gone = false;
  const commit = (byte) => {
    const [first = "", ...more] = pending;
    const lines = [begun + first, ...more];
    if (byte > reached) {
      begun = lines.pop() ?? "";
      lines.forEach(tell);
    }
    reached = byte;
    pending = [];
  };
  const end = () => {
    if (begun !== "") tell(begun);
    begun = "";
  };
  return {
    get reached() {
      return reached;
    },
    get verdict() {
      return verdict?.at(-1) === "end" ? verdict : void 0;
    },
    get gone() {
      return gone;
    },
    take(line) {
      if (verdict !== void 0) verdict.push(line);
      else if (!line.startsWith(mark)) pending.push(line);
      else if (line === `${mark}verdict`) {
        end();
        verdict = [];
      } else if (line === `${mark}gone`) {
        end();
        gone = true;
      } else commit(Number(line.slice(mark.length)));
    },
    begin() {
      pending = [];
      verdict = void 0;
      gone = false;
    }
  };
}
var mark;
var init_follow2 = __esm({
  "src/deploy/follow.ts"() {
    "use strict";
    mark = "";
  }
});

// src/deploy/teller.ts
function openTeller(tell) {
  let kept = [];
  let keeping = false;
  const follower = openFollower((line) => {
    if (line.startsWith("  The last lines of ")) {
      if (!keeping) kept = [];
      keeping = true;
    } else if (!line.startsWith("  ")) keeping = false;
    if (keeping) kept.push(line.slice(2));
    tell(line);
  });
  return { follower, output: () => kept.join("\n").trimEnd() };
}
var init_teller = __esm({
  "src/deploy/teller.ts"() {
    "use strict";
    init_follow2();
  }
});

// src/deploy/verdict.ts
function parseVerdict(lines, output = "") {
  const entries2 = lines.map(splitOnce);
  const last = entries2.at(-1)?.[0];
  const all = (name2) => entries2.filter(([key]) => key === name2).map(([, value]) => value);
  const [kind] = all("kind");
  if (last !== "end" || kind === void 0 || !kinds.includes(kind)) return void 0;
  const [stage] = all("stage");
  const [reason] = all("reason");
  return {
    kind,
    ...stage === void 0 ? {} : { stage },
    ...reason === void 0 ? {} : { reason },
    deployed: releases(all("deployed")),
    previous: releases(all("previous")),
    stages: all("took").map(splitOnce).map(([name2, milliseconds]) => ({ stage: name2, milliseconds: Number(milliseconds) })),
    output
  };
}
function splitOnce(line) {
  const blank = line.indexOf(" ");
  return blank < 0 ? [line, ""] : [line.slice(0, blank), line.slice(blank + 1)];
}
var kinds, releases;
var init_verdict2 = __esm({
  "src/deploy/verdict.ts"() {
    "use strict";
    kinds = [
      "ok",
      "unchanged",
      "rolled-back",
      "removed",
      "broken"
    ];
    releases = (values) => Object.fromEntries(values.map(splitOnce).filter(([, reference]) => reference !== "-"));
  }
});

// src/deploy/transaction.ts
async function resume(run2, world) {
  var _stack = [];
  try {
    const line = __using(_stack, openLine({ patience, ...world }), true);
    return await withCancel(
      run2,
      line,
      world,
      () => followToEnd(run2, openTeller(world.tell), line, (reached) => scriptCommand(run2, "follow", String(reached)))
    );
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise = __callDispose(_stack, _error, _hasError);
    _promise && await _promise;
  }
}
async function withCancel(run2, line, world, work) {
  const cancel = () => void line.run(scriptCommand(run2, "cancel")).catch(() => void 0);
  world.cancelled.addEventListener("abort", cancel);
  if (world.cancelled.aborted) cancel();
  try {
    return await work();
  } finally {
    world.cancelled.removeEventListener("abort", cancel);
  }
}
async function followToEnd(run2, { follower, output }, line, command) {
  let code = null;
  while (code === null && follower.verdict === void 0 && !follower.gone) {
    follower.begin();
    code = (await line.once(command(follower.reached), follower.take)).code;
  }
  const verdict = parseVerdict(follower.verdict ?? [], output());
  if (verdict !== void 0) await line.run(removeCommand2(run2));
  return verdict;
}
var patience, scriptCommand, removeCommand2;
var init_transaction2 = __esm({
  "src/deploy/transaction.ts"() {
    "use strict";
    init_errors();
    init_line();
    init_order();
    init_script();
    init_teller();
    init_verdict2();
    patience = 5 * 6e4;
    scriptCommand = (run2, ...args) => ({
      file: "sh",
      args: [`${run2}/script`, ...args]
    });
    removeCommand2 = (run2) => ({ file: "rm", args: ["-rf", run2] });
  }
});

// src/findings.ts
var noFindings;
var init_findings = __esm({
  "src/findings.ts"() {
    "use strict";
    noFindings = () => ({ problems: [], warnings: [] });
  }
});

// src/outcome.ts
var meanings, outcomeOf, sentence;
var init_outcome = __esm({
  "src/outcome.ts"() {
    "use strict";
    meanings = {
      ok: "The new release serves.",
      unchanged: "Nothing was changed on the server.",
      "rolled-back": "It was rolled back: the previous release serves again.",
      removed: "It was removed again: nothing ran before it.",
      broken: "Neither it nor the previous release could be brought to serve: look at the server now."
    };
    outcomeOf = ({ kind, reason }) => reason === void 0 ? meanings[kind] : `${sentence(reason)} ${meanings[kind]}`;
    sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  }
});

// src/ssh/address.ts
function parseAddress(text) {
  const bare = text.replace(/^ssh:\/\//i, "").replace(/\/$/, "");
  const at2 = bare.lastIndexOf("@");
  const user = at2 < 0 ? void 0 : bare.slice(0, at2);
  const reason = reasonAgainst(bare, user);
  if (reason !== void 0) return { reason, shown: withoutPassword(text) };
  const location = parseLocation(bare.slice(at2 + 1));
  if (typeof location === "string") return { reason: location, shown: text };
  return { ...location, ...user === void 0 ? {} : { user } };
}
function reasonAgainst(text, user) {
  if (/[\s,]/.test(text)) return "names more than one host, or has a blank in it";
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return "is a URL";
  if (user?.includes(":")) return "holds a password";
  if (user === "") return "has no user in front of its `@`";
  return void 0;
}
function parseLocation(text) {
  if ((0, import_node_net.isIPv6)(text)) return { host: text.toLowerCase() };
  const parts = /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^:[\]]*))(?::(?<port>.*))?$/.exec(text)?.groups;
  if (parts === void 0) return "is neither `host`, `user@host:port` nor `[v6]:port`";
  const host = parts["v6"] === void 0 ? hostName(parts["name"] ?? "") : address6(parts["v6"]);
  if (host === void 0) return "has no valid host name or address in it";
  if (parts["port"] === void 0) return { host };
  const port = parsePort(parts["port"]);
  return port === void 0 ? "has a port that is no number from 1 to 65535" : { host, port };
}
function hostName(text) {
  const name2 = /^[\x21-\x7e]*$/.test(text) ? text.toLowerCase() : (0, import_node_url.domainToASCII)(text);
  return /^[a-z0-9_][a-z0-9_.-]*$/.test(name2) ? name2 : void 0;
}
function parsePort(text) {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65535 ? port : void 0;
}
var import_node_net, import_node_url, isBadAddress, withoutPassword, formatLocation, address6;
var init_address = __esm({
  "src/ssh/address.ts"() {
    "use strict";
    import_node_net = require("node:net");
    import_node_url = require("node:url");
    isBadAddress = (address) => "reason" in address;
    withoutPassword = (text) => text.replace(/^((?:ssh:\/\/)?[^:]*):.*@/is, "$1:…@");
    formatLocation = ({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`;
    address6 = (text) => (0, import_node_net.isIPv6)(text) ? text.toLowerCase() : void 0;
  }
});

// src/ssh/wire.ts
function wireString(value) {
  const bytes2 = Buffer.from(value);
  return Buffer.concat([uint32(bytes2.length), bytes2]);
}
function uint32(value) {
  const bytes2 = Buffer.alloc(4);
  bytes2.writeUInt32BE(value);
  return bytes2;
}
function readWireStrings(bytes2, count, offset = 0) {
  const values = [];
  let end = offset;
  while (values.length < count) {
    if (end + 4 > bytes2.length) return void 0;
    const start = end + 4;
    end = start + bytes2.readUInt32BE(end);
    if (end > bytes2.length) return void 0;
    values.push(bytes2.subarray(start, end));
  }
  return { values, end };
}
var import_node_crypto, publicKeyType, fingerprint;
var init_wire = __esm({
  "src/ssh/wire.ts"() {
    "use strict";
    import_node_crypto = require("node:crypto");
    publicKeyType = (key) => readWireStrings(key, 1)?.values[0]?.toString() ?? "";
    fingerprint = (key) => `SHA256:${(0, import_node_crypto.createHash)("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
  }
});

// src/ssh/openssh-key.ts
function readOpenSshKey(bytes2) {
  if (!bytes2.subarray(0, magic.length).equals(magic)) return void 0;
  const [cipher, kdf, kdfOptions] = readWireStrings(bytes2, 3, magic.length)?.values ?? [];
  const keys = readWireStrings(bytes2, 3, magic.length)?.end ?? 0;
  const [publicKey, privatePart] = readWireStrings(bytes2, 2, keys + 4)?.values ?? [];
  const end = readWireStrings(bytes2, 2, keys + 4)?.end;
  if (cipher === void 0 || kdf === void 0 || kdfOptions === void 0) return void 0;
  if (publicKey === void 0 || privatePart === void 0) return void 0;
  const tag = bytes2.subarray(end);
  return { cipher: cipher.toString(), kdf: kdf.toString(), kdfOptions, publicKey, privatePart, tag };
}
function writeOpenSshKey(publicKey, privatePart) {
  const bytes2 = Buffer.concat([
    magic,
    ...["none", "none", ""].map(wireString),
    uint32(1),
    wireString(publicKey),
    wireString(privatePart)
  ]);
  return armour("OPENSSH PRIVATE KEY", bytes2.toString("base64"));
}
function armour(label, base64, headers = "") {
  const lines = base64.replace(label === "OPENSSH PRIVATE KEY" ? /.{1,70}/g : /.{1,64}/g, "$&\n");
  return `-----BEGIN ${label}-----
${headers}${lines}-----END ${label}-----
`;
}
function privatePartOf(...fields) {
  const content = Buffer.concat([Buffer.alloc(8), ...fields]);
  const padding = (8 - content.length % 8) % 8;
  return Buffer.concat([content, Buffer.from(Array.from({ length: padding }, (_, index) => index + 1))]);
}
async function decrypt(key, passphrase) {
  const cipher = ciphers[key.cipher];
  const salt = readWireStrings(key.kdfOptions, 1);
  if (cipher === void 0 || salt?.values[0] === void 0) return void 0;
  const rounds = key.kdfOptions.readUInt32BE(salt.end);
  const secret = await derive(passphrase, salt.values[0], rounds, cipher.key + cipher.iv);
  const clear = decipher(cipher, secret, key);
  return clear?.subarray(0, 4).equals(clear.subarray(4, 8)) ? clear : void 0;
}
function decipher(cipher, secret, { privatePart, tag }) {
  const stream = cipher.name === "chacha20";
  const iv = stream ? Buffer.from("01000000000000000000000000000000", "hex") : secret.subarray(cipher.key);
  const decoder = (0, import_node_crypto2.createDecipheriv)(cipher.name, secret.subarray(0, stream ? 32 : cipher.key), iv);
  decoder.setAutoPadding(false);
  if ("setAuthTag" in decoder && cipher.name.endsWith("gcm")) {
    ;
    decoder.setAuthTag(tag);
  }
  try {
    return Buffer.concat([decoder.update(privatePart), decoder.final()]);
  } catch {
    return void 0;
  }
}
async function derive(passphrase, salt, rounds, length) {
  const { pbkdf } = await Promise.resolve().then(() => __toESM(require("./vendor/bcrypt-pbkdf.cjs"), 1));
  const secret = Buffer.alloc(length);
  const password = Buffer.from(passphrase);
  if (pbkdf(password, password.length, salt, salt.length, secret, length, rounds) !== 0) {
    throw new Error("bcrypt_pbkdf does not take these parameters");
  }
  return secret;
}
var import_node_crypto2, magic, ciphers, isKnownCipher;
var init_openssh_key = __esm({
  "src/ssh/openssh-key.ts"() {
    "use strict";
    import_node_crypto2 = require("node:crypto");
    init_wire();
    magic = Buffer.from("openssh-key-v1\0");
    ciphers = {
      "aes128-ctr": { name: "aes-128-ctr", key: 16, iv: 16 },
      "aes192-ctr": { name: "aes-192-ctr", key: 24, iv: 16 },
      "aes256-ctr": { name: "aes-256-ctr", key: 32, iv: 16 },
      "aes128-cbc": { name: "aes-128-cbc", key: 16, iv: 16 },
      "aes192-cbc": { name: "aes-192-cbc", key: 24, iv: 16 },
      "aes256-cbc": { name: "aes-256-cbc", key: 32, iv: 16 },
      "3des-cbc": { name: "des-ede3-cbc", key: 24, iv: 8 },
      "aes128-gcm@openssh.com": { name: "aes-128-gcm", key: 16, iv: 12 },
      "aes256-gcm@openssh.com": { name: "aes-256-gcm", key: 32, iv: 12 },
      // Two keys of 32 bytes, of which the first is for the content; it starts at block 1 (PROTOCOL.chacha20poly1305).
      "chacha20-poly1305@openssh.com": { name: "chacha20", key: 64, iv: 0 }
    };
    isKnownCipher = (cipher) => Object.hasOwn(ciphers, cipher);
  }
});

// src/ssh/key-text.ts
function repairKey(given) {
  const text = unwrap(given);
  const block = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----([\s\S]*?)(?:-----END \1-----|$)/.exec(text);
  const [whole, label = "", content = ""] = block ?? [];
  if (whole === void 0) return notPrivate(text);
  if (!whole.includes("-----END ")) return problem("ends before its `-----END` line", "Copy the whole file.");
  const { headers, base64 } = dissect(content);
  if (!/^[A-Za-z0-9+/]+=*$/.test(base64)) {
    return problem(
      "holds characters that no key has",
      "Copy the file itself, not what a program shows of it."
    );
  }
  const keyText = { text: armour(label, base64, headers), encrypted: false };
  if (label === "OPENSSH PRIVATE KEY") return checkOpenSsh(keyText, base64);
  if (label === "DSA PRIVATE KEY") return dsa;
  if (label.startsWith("SSH2 ")) return foreign("an ssh.com private key", "ssh-keygen -i -f KEY > NEW");
  return { ...keyText, encrypted: label === "ENCRYPTED PRIVATE KEY" || headers !== "" };
}
function unwrap(given) {
  const text = given.replace(/^\uFEFF/, "").replace(/(\\r)?\\n/g, "\n").replace(/\r\n?/g, "\n").trim().replace(/^(["'`]+)([\s\S]*?)\1$/, "$2").trim();
  const packed = text.replace(/\s/g, "");
  if (!/^[A-Za-z0-9+/]{40,}=*$/.test(packed)) return text;
  const bytes2 = Buffer.from(packed, "base64");
  if (readOpenSshKey(bytes2) !== void 0) return armour("OPENSSH PRIVATE KEY", packed);
  const inner = bytes2.toString();
  return inner.includes("-----BEGIN ") ? unwrap(inner) : text;
}
function dissect(content) {
  const header = /Proc-Type:\s*4,\s*ENCRYPTED\s+DEK-Info:\s*([A-Za-z0-9-]+)\s*,\s*([0-9A-Fa-f]+)\s/.exec(
    content
  );
  const body = header === null ? content : content.slice(header.index + header[0].length);
  const headers = header === null ? "" : `Proc-Type: 4,ENCRYPTED
DEK-Info: ${header[1]},${header[2]?.toUpperCase()}

`;
  return { headers, base64: body.replace(/\s/g, "") };
}
function checkOpenSsh(keyText, base64) {
  const key = readOpenSshKey(Buffer.from(base64, "base64"));
  if (key === void 0) return problem("is damaged: it is no whole OpenSSH key", "Copy the whole file.");
  const type = publicKeyType(key.publicKey);
  if (type === "ssh-dss") return dsa;
  if (type.startsWith("sk-")) {
    return problem("is on a security key, which nobody can touch in a workflow", generate);
  }
  if (key.cipher === "none") return keyText;
  if (isKnownCipher(key.cipher) && key.kdf === "bcrypt") return { ...keyText, encrypted: true };
  return foreign(`encrypted with ${key.cipher}`, "ssh-keygen -p -Z aes256-ctr -f KEY");
}
function notPrivate(text) {
  if (/^PuTTY-User-Key-File-/.test(text)) {
    return foreign("a PuTTY key", "puttygen KEY.ppk -O private-openssh -o NEW");
  }
  if (/^\S+-cert-v0\d@openssh\.com\s/.test(text)) {
    return problem(
      "is a certificate, which cannot be used here",
      "Give the private key, without a certificate."
    );
  }
  if (/^(ssh-|ecdsa-|sk-)\S+ AAAA/.test(text) || /^-+ ?BEGIN [A-Z0-9 ]*PUBLIC KEY/.test(text)) {
    return problem("is a public key", "Give the private one: the file of the same name without `.pub`.");
  }
  if (/^[~./]\S*$/.test(text)) return problem("is a path", "Give the text of the file itself, from a secret.");
  return problem("is no private key: it has no `-----BEGIN … PRIVATE KEY-----` line", generate);
}
var isProblem, problem, foreign, generate, dsa, missingPassphrase;
var init_key_text = __esm({
  "src/ssh/key-text.ts"() {
    "use strict";
    init_openssh_key();
    init_wire();
    isProblem = (value) => "cause" in value;
    problem = (what, remedy) => ({
      input: "ssh-key",
      cause: `\`ssh-key\` ${what}.`,
      remedy
    });
    foreign = (what, command) => problem(`is ${what}`, `Convert it (\`${command}\`) and give the result.`);
    generate = "Make a key for deploys (`ssh-keygen -t ed25519 -f deploy_key`), add deploy_key.pub to `~/.ssh/authorized_keys` on the server, and give the text of deploy_key.";
    dsa = problem("is a DSA key, which OpenSSH no longer accepts", generate);
    missingPassphrase = {
      input: "ssh-passphrase",
      cause: "`ssh-key` is encrypted and `ssh-passphrase` is empty.",
      remedy: "Set `ssh-passphrase` (is the secret set in this environment?), or give a key without a passphrase."
    };
  }
});

// src/ssh/key.ts
async function openKey(given, passphrase = "") {
  const key = repairKey(given);
  if (isProblem(key)) return key;
  if (key.encrypted && passphrase === "") return missingPassphrase;
  return key.text.startsWith("-----BEGIN OPENSSH") ? openOpenSsh(key, passphrase) : openPem(key, passphrase);
}
async function openOpenSsh({ text, encrypted }, passphrase) {
  const key = readOpenSshKey(Buffer.from(text.replace(/-----[^-]*-----/g, ""), "base64"));
  if (key === void 0) return damaged;
  const clear = encrypted ? await decrypt(key, passphrase) : key.privatePart;
  if (clear === void 0) return wrongPassphrase;
  return { privateKey: writeOpenSshKey(key.publicKey, clear), publicKey: key.publicKey };
}
function openPem({ text, encrypted }, passphrase) {
  try {
    return usable((0, import_node_crypto3.createPrivateKey)({ key: text, passphrase }));
  } catch {
    return encrypted ? wrongPassphrase : damaged;
  }
}
function usable(key) {
  const type = key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType;
  if (!["rsa", "ec", "ed25519"].includes(key.asymmetricKeyType ?? "")) return unsupported(type);
  const jwk = key.export({ format: "jwk" });
  const publicKey = publicKeyOf(jwk);
  if (publicKey === void 0) return unsupported(type);
  if (jwk.kty === "OKP") return { privateKey: ed25519(publicKey, jwk), publicKey };
  const format = { type: jwk.kty === "RSA" ? "pkcs1" : "sec1", format: "pem" };
  return { privateKey: key.export(format).toString(), publicKey };
}
function publicKeyOf({ kty, crv = "", n, e, x, y }) {
  const curve = curves[crv];
  if (kty === "RSA") return wire("ssh-rsa", mpint(e), mpint(n));
  if (kty === "OKP" && crv === "Ed25519") return wire("ssh-ed25519", bytes(x));
  if (kty !== "EC" || curve === void 0) return void 0;
  return wire(`ecdsa-sha2-${curve}`, curve, Buffer.concat([Buffer.of(4), bytes(x), bytes(y)]));
}
function ed25519(publicKey, { x, d }) {
  const secret = Buffer.concat([bytes(d), bytes(x)]);
  return writeOpenSshKey(publicKey, privatePartOf(wire("ssh-ed25519", bytes(x), secret, "")));
}
function mpint(base64url = "") {
  const number = bytes(base64url);
  return (number[0] ?? 0) > 127 ? Buffer.concat([Buffer.of(0), number]) : number;
}
var import_node_crypto3, wrongPassphrase, damaged, unsupported, curves, wire, bytes;
var init_key = __esm({
  "src/ssh/key.ts"() {
    "use strict";
    import_node_crypto3 = require("node:crypto");
    init_key_text();
    init_openssh_key();
    init_wire();
    wrongPassphrase = {
      input: "ssh-passphrase",
      cause: "`ssh-passphrase` does not open `ssh-key`.",
      remedy: "Check the two together: `ssh-keygen -y -f KEY` asks for it."
    };
    damaged = {
      input: "ssh-key",
      cause: "`ssh-key` is damaged.",
      remedy: "Check the file with `ssh-keygen -y -f KEY`, and copy it whole."
    };
    unsupported = (type = "unknown") => ({
      input: "ssh-key",
      cause: `\`ssh-key\` is a key of the type ${type}, which SSH does not use.`,
      remedy: "Make one with `ssh-keygen -t ed25519`."
    });
    curves = {
      "P-256": "nistp256",
      "P-384": "nistp384",
      "P-521": "nistp521"
    };
    wire = (...fields) => Buffer.concat(fields.map(wireString));
    bytes = (base64url = "") => Buffer.from(base64url, "base64url");
  }
});

// src/ssh/refusal.ts
function explainDial(error2, location) {
  const causes = error2 instanceof AggregateError ? error2.errors : [error2];
  const codes = causes.map((cause) => String(cause.code ?? cause));
  const where = formatLocation(location);
  const decisive = codes.find((code) => code in explanations && !noRoute.includes(code)) ?? codes[0] ?? "";
  if (codes.every((code) => noRoute.includes(code))) return noRouteTo(location, causes);
  const explain2 = explanations[decisive];
  if (explain2 !== void 0) return new Refusal(explain2.problem(where, location), explain2.transient);
  return new Refusal(
    { input: "ssh-host", cause: `Connecting to ${where} failed: ${codes.join(", ")}.`, remedy: firewall },
    true
  );
}
function noRouteTo(location, causes) {
  const addresses = causes.map((cause) => cause.address ?? location.host);
  const where = formatLocation(location);
  if (addresses.every((address) => (0, import_node_net2.isIPv6)(address))) {
    return new Refusal(
      {
        input: "ssh-host",
        cause: `${where} has an IPv6 address only, and this runner has no IPv6 route to it.`,
        remedy: "GitHub-hosted runners have no IPv6: give an IPv4 address, or a `ssh-jump` host that has both."
      },
      false
    );
  }
  return new Refusal(
    { input: "ssh-host", cause: `There is no route to ${where} from this runner.`, remedy: firewall },
    true
  );
}
var import_node_net2, Refusal, RefusedKey, firewall, noRoute, explanations;
var init_refusal = __esm({
  "src/ssh/refusal.ts"() {
    "use strict";
    import_node_net2 = require("node:net");
    init_address();
    Refusal = class extends Error {
      name = "Refusal";
      problem;
      /**
       * It may go another time: nothing definite was said, and no login was tried. (Servers count failed logins, and
       * OpenSSH 9.8 and later shut out who fails repeatedly.)
       */
      transient;
      constructor(problem2, transient) {
        super(problem2.cause);
        this.problem = problem2;
        this.transient = transient;
      }
    };
    RefusedKey = class extends Refusal {
      key;
      constructor(problem2, key) {
        super(problem2, false);
        this.key = key;
      }
    };
    firewall = "Check the name and the port, and that a firewall on the way lets this runner through (hosted runners have no fixed addresses).";
    noRoute = ["ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL"];
    explanations = {
      ECONNREFUSED: {
        transient: true,
        problem: (where) => ({
          input: "ssh-port",
          cause: `${where} refused the connection: nothing listens there.`,
          remedy: "Is sshd running, and on this port? Set `ssh-port` if it is on another one."
        })
      },
      ENOTFOUND: {
        transient: false,
        problem: (_, { host }) => ({
          input: "ssh-host",
          cause: `There is no host of the name ${host}.`,
          remedy: "Check `ssh-host`; a name from a private network or `/etc/hosts` is not known to this runner."
        })
      },
      EAI_AGAIN: {
        transient: true,
        problem: (_, { host }) => ({
          input: "ssh-host",
          cause: `The name ${host} could not be looked up: the name server does not answer.`,
          remedy: "Try again, or give the address of the server."
        })
      },
      ETIMEDOUT: {
        transient: true,
        problem: (where) => ({
          input: "ssh-host",
          cause: `Connecting to ${where} timed out: nothing answers.`,
          remedy: firewall
        })
      },
      ECONNRESET: {
        transient: true,
        problem: (where) => ({
          input: "ssh-host",
          cause: `${where} cut the connection off at once.`,
          remedy: firewall
        })
      }
    };
  }
});

// src/ssh/channels.ts
function atMost(limit, isFull2, pause2 = 1e3) {
  let most = limit;
  let busy = 0;
  const waiting = [];
  const enter = async () => {
    while (busy >= most) await new Promise((wake) => waiting.push(wake));
    busy += 1;
  };
  const leave = () => {
    busy -= 1;
    waiting.shift()?.();
  };
  return async (work) => {
    for (let alone = 0; ; ) {
      await enter();
      const beside = busy > 1;
      try {
        return await work();
      } catch (error2) {
        if (!isFull2(error2) || !beside && alone === refusals) throw error2;
        most = Math.max(1, Math.min(most, busy - 1));
        if (!beside) await (0, import_promises5.setTimeout)(pause2 * ++alone);
      } finally {
        leave();
      }
    }
  };
}
var import_promises5, refusals;
var init_channels = __esm({
  "src/ssh/channels.ts"() {
    "use strict";
    import_promises5 = require("node:timers/promises");
    refusals = 3;
  }
});

// src/ssh/quote.ts
function quote(text) {
  if (text.includes("\0")) throw new Error("A word of a command cannot hold a NUL byte");
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
var init_quote = __esm({
  "src/ssh/quote.ts"() {
    "use strict";
  }
});

// src/ssh/remote-command.ts
function remoteCommand({ file, args, env: env2 = {} }) {
  const exports2 = Object.entries(env2).map(([name2, value]) => `export ${variable2(name2)}=${quote(value)}; `);
  const start = `printf '\\036slipway %d\\036' $$; printf '\\036slipway %d\\036' $$ >&2; `;
  const script = `${start}${exports2.join("")}exec ${[file, ...args].map(quote).join(" ")}`;
  const text = `/bin/sh -c 'eval "$(printf %b "${octal(script)}")"'`;
  if (text.length > longest) throw new Error(`The arguments of ${file} are too long: send them on stdin`);
  return text;
}
function variable2(name2) {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name2)) return name2;
  throw new Error(`${name2} is no name of a variable`);
}
var startMark, longest, octal;
var init_remote_command = __esm({
  "src/ssh/remote-command.ts"() {
    "use strict";
    init_quote();
    startMark = /\x1eslipway (\d+)\x1e/;
    longest = 12e4;
    octal = (text) => text.replace(
      /[^A-Za-z0-9 ./:=@,+_-]/gu,
      (char) => [...Buffer.from(char)].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("")
    );
  }
});

// src/ssh/reading.ts
function readStream(onLine) {
  const chunks = [];
  const lines = lineSplitter(onLine);
  let before = Buffer.alloc(0);
  let pid;
  const take = (chunk) => {
    chunks.push(chunk);
    lines.write(chunk);
  };
  return {
    write(chunk) {
      if (pid !== void 0) return take(chunk);
      before = Buffer.concat([before, chunk]);
      const mark2 = startMark.exec(before.toString("latin1"));
      if (mark2 === null) return;
      pid = Number(mark2[1]);
      take(before.subarray(mark2.index + mark2[0].length));
    },
    /** The PID of the command; undefined as long as it has not begun. */
    pid: () => pid,
    /** What the login shell said before the command. */
    before: () => before.toString("utf8").replace(startMark, ""),
    end() {
      lines.end();
      return Buffer.concat(chunks).toString("utf8");
    }
  };
}
var init_reading = __esm({
  "src/ssh/reading.ts"() {
    "use strict";
    init_lines();
    init_remote_command();
  }
});

// src/ssh/remote-run.ts
function remoteRun(session, target, stage) {
  const within = atMost(sessions, isFull);
  return async (command, options = {}) => {
    const text = remoteCommand(command);
    try {
      return await within(() => execute2(session, command, text, options));
    } catch (error2) {
      throw explain(error2, command, target, stage, session);
    }
  };
}
async function execute2(session, command, text, { onLine, timeout, signal }) {
  if (signal?.aborted) return { code: null, stdout: "", stderr: "" };
  if (session.isOver()) throw new Error("not connected");
  const out = readStream((line) => onLine?.(line, "stdout"));
  const err = readStream((line) => onLine?.(line, "stderr"));
  const ended = Promise.withResolvers();
  let channel;
  const end = () => {
    const pid = out.pid();
    if (pid !== void 0) void endRemote(session, pid);
    channel?.close();
    ended.resolve("ended");
  };
  const timer = timeout === void 0 ? void 0 : setTimeout(end, timeout);
  signal?.addEventListener("abort", end);
  try {
    const running = session.ssh.execCommand(text, {
      noTrim: true,
      onChannel(opened) {
        channel = opened;
        opened.on("error", () => {
        });
        if (command.stdin !== void 0) opened.write(Buffer.from(command.stdin));
      },
      onStdout: out.write,
      onStderr: err.write
    });
    running.catch(() => {
    });
    const first = await Promise.race([running, ended.promise, session.over]);
    const code = typeof first === "string" ? null : first.code;
    if (typeof first !== "string" && !session.isOver() && out.pid() === void 0)
      throw new NotBegun(code, out, err);
    return { code, stdout: out.end(), stderr: err.pid() === void 0 ? err.before() : err.end() };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
  }
}
async function endRemote({ ssh }, pid) {
  const text = remoteCommand({ file: "sh", args: ["-c", endScript, "sh", String(pid)] });
  await ssh.execCommand(text).catch(() => {
  });
}
function explain(error2, { file }, target, stage, session) {
  if (error2 instanceof NotBegun) {
    return new Failure(stage, {
      input: "ssh-user",
      cause: `${target} did not run \`${file}\`: the login shell ended with ${error2.code ?? "no exit code"} before it.`,
      remedy: "Log in as a user with an ordinary shell, whose key has no forced command (`command=` in authorized_keys, ForceCommand in sshd_config).",
      output: lastLines(error2.output)
    });
  }
  if (session.isOver()) {
    return new Failure(stage, {
      cause: `The connection to ${target} is gone, so \`${file}\` could not be run.`
    });
  }
  if (isFull(error2)) {
    return new Failure(stage, {
      cause: `${target} lets nothing be run: ${error2.message}.`,
      remedy: "MaxSessions in its sshd_config must be 1 at least."
    });
  }
  return error2;
}
var sessions, isFull, NotBegun, endScript;
var init_remote_run = __esm({
  "src/ssh/remote-run.ts"() {
    "use strict";
    init_errors();
    init_channels();
    init_reading();
    init_remote_command();
    sessions = 8;
    isFull = (error2) => error2 instanceof Error && error2.message.startsWith("(SSH) Channel open failure");
    NotBegun = class extends Error {
      code;
      output;
      constructor(code, ...streams) {
        super("not begun");
        this.code = code;
        this.output = streams.map((stream) => stream.before()).join("");
      }
    };
    endScript = `
read -r stat <"/proc/$1/stat" || exit 0
set -- "$1" \${stat##*) }
kill -s TERM -- "-$4"
sleep 2
kill -s KILL -- "-$4"
`;
  }
});

// src/ssh/dial.ts
function dial2({ host, port }, signal) {
  const { promise, resolve: resolve2, reject } = Promise.withResolvers();
  if (signal.aborted) return Promise.reject(signal.reason);
  const socket = (0, import_node_net3.connect)({
    host,
    port,
    noDelay: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: attemptTimeout
  });
  const giveUp = () => {
    socket.destroy();
    reject(signal.reason);
  };
  signal.addEventListener("abort", giveUp);
  socket.on("error", reject);
  socket.on("connect", () => resolve2(socket));
  return promise.finally(() => signal.removeEventListener("abort", giveUp));
}
var import_node_net3, attemptTimeout;
var init_dial = __esm({
  "src/ssh/dial.ts"() {
    "use strict";
    import_node_net3 = require("node:net");
    attemptTimeout = 3e3;
  }
});

// src/ssh/known-hosts.ts
function matchHostKey(lines, host, port, key) {
  const all = parseKnownHosts(lines).hosts;
  const here = all.filter(({ hosts }) => namesOf(host, port).some((name2) => matches(hosts, name2)));
  const elsewhere = all.filter(({ hosts }) => matches(hosts, host.toLowerCase()));
  const authorities = here.filter(({ marker: marker2 }) => marker2 === "cert-authority").map(({ line }) => line);
  const plain = here.filter(({ marker: marker2 }) => marker2 === "none");
  const has = (list2) => list2.some((known) => known.key.equals(key));
  if (has([...here, ...elsewhere].filter(({ marker: marker2 }) => marker2 === "revoked"))) {
    return { verdict: "revoked", known: [], authorities };
  }
  if (has(plain)) return { verdict: "match", known: [], authorities };
  if (plain.length > 0) return { verdict: "mismatch", known: plain.map((known) => known.key), authorities };
  const portless = has(elsewhere.filter(({ marker: marker2 }) => marker2 === "none"));
  return { verdict: portless ? "match" : "unknown", known: [], authorities };
}
function knownKeyTypes(lines, host, port) {
  const names = [...namesOf(host, port), host.toLowerCase()];
  const known = parseKnownHosts(lines).hosts.filter(
    ({ hosts, marker: marker2 }) => marker2 === "none" && names.some((name2) => matches(hosts, name2))
  );
  return [...new Set(known.map(({ key }) => publicKeyType(key)))];
}
function parseKnownHosts(text) {
  const hosts = [];
  const unreadable = [];
  for (const [index, content] of text.split(/\r\n|\n|\r/).entries()) {
    const line = index + 1;
    if (/^\s*(#|$)/.test(content)) continue;
    const known = parseLine(content.trim(), line);
    if (known === void 0) unreadable.push(line);
    else hosts.push(known);
  }
  return { hosts, unreadable };
}
function parseLine(content, line) {
  const [, mark2, hosts, type, base64] = /^(?:@(revoked|cert-authority)\s+)?([^\s@]\S*)\s+(\S+)\s+([A-Za-z0-9+/]+=*)(?:\s|$)/.exec(content) ?? [];
  if (hosts === void 0 || base64 === void 0) return void 0;
  const key = Buffer.from(base64, "base64");
  if (publicKeyType(key) !== type) return void 0;
  return { line, marker: mark2 ?? "none", hosts, key };
}
function namesOf(host, port) {
  const name2 = host.toLowerCase();
  const withPort = `[${name2}]:${port}`;
  return port === 22 ? [name2, withPort] : [withPort];
}
function matches(hosts, name2) {
  if (hosts.startsWith("|")) return matchesHash(hosts, name2);
  const patterns = hosts.toLowerCase().split(",");
  const hit = (pattern) => wildcard(pattern).test(name2);
  if (patterns.some((pattern) => pattern.startsWith("!") && hit(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && hit(pattern));
}
function wildcard(pattern) {
  const text = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("?", ".").replace(/\*+/g, ".*");
  return new RegExp(`^${text}$`);
}
function matchesHash(hosts, name2) {
  const [, version, salt = "", hash = ""] = hosts.split("|");
  const expected = Buffer.from(hash, "base64");
  const actual = (0, import_node_crypto4.createHmac)("sha1", Buffer.from(salt, "base64")).update(name2).digest();
  return version === "1" && expected.length === actual.length && (0, import_node_crypto4.timingSafeEqual)(expected, actual);
}
var import_node_crypto4, knownHostsLine;
var init_known_hosts = __esm({
  "src/ssh/known-hosts.ts"() {
    "use strict";
    import_node_crypto4 = require("node:crypto");
    init_wire();
    knownHostsLine = (host, port, key) => `${port === 22 ? host : `[${host}]:${port}`} ${publicKeyType(key)} ${key.toString("base64")}`;
  }
});

// src/ssh/host-key.ts
function refuseHostKey(trust, server, key) {
  if (trust.kind === "insecure") return void 0;
  if (trust.kind === "fingerprint") {
    return trust.fingerprints.includes(fingerprint(key)) ? void 0 : otherFingerprint(trust, server, key);
  }
  const { verdict, known, authorities } = matchHostKey(trust.lines, server.host, server.port, key);
  if (verdict === "match") return void 0;
  if (verdict === "unknown") return unknown(server, key, authorities);
  return verdict === "mismatch" ? mismatch(server, key, known) : revoked(server, key);
}
function unknown(server, key, authorities) {
  const certificates = authorities.length === 0 ? "" : "; host certificates (`@cert-authority`) are not supported";
  return {
    input: "ssh-known-hosts",
    cause: `The host key of ${server.host} (port ${server.port}) is not in \`ssh-known-hosts\`: it showed ${show(key)}${certificates}.`,
    remedy: `If that is its key (${compare(server)}), add this line: ${knownHostsLine(server.host, server.port, key)}`
  };
}
function mismatch(server, key, known) {
  return {
    input: "ssh-known-hosts",
    cause: `${server.host} (port ${server.port}) showed another host key than \`ssh-known-hosts\` has: ${show(key)} instead of ${known.map(show).join(" or ")}. Someone may be posing as the server, or it was installed anew.`,
    remedy: `Only if the server's key did change (${compare(server)}), replace its lines by: ${knownHostsLine(server.host, server.port, key)}`
  };
}
function otherFingerprint({ fingerprints }, server, key) {
  return {
    input: "ssh-fingerprint",
    cause: `${server.host} (port ${server.port}) showed another host key than \`ssh-fingerprint\` says: ${show(key)} instead of ${fingerprints.join(" or ")}. Someone may be posing as the server, or it was installed anew.`,
    remedy: `If that is its key (${compare(server)}), set \`ssh-fingerprint: ${fingerprint(key)}\`.`
  };
}
function hostKeyAlgorithms(trust, { host, port }) {
  const known = trust.kind === "known-hosts" ? knownKeyTypes(trust.lines, host, port) : [];
  return [.../* @__PURE__ */ new Set([...known, ...Object.keys(algorithms)])].flatMap((type) => algorithms[type] ?? []);
}
var show, compare, revoked, algorithms, otherAlgorithms;
var init_host_key = __esm({
  "src/ssh/host-key.ts"() {
    "use strict";
    init_known_hosts();
    init_wire();
    show = (key) => `${publicKeyType(key)} ${fingerprint(key)}`;
    compare = ({ host }) => `compare on ${host} itself (\`for f in /etc/ssh/ssh_host_*.pub; do ssh-keygen -lf $f; done\`)`;
    revoked = (server, key) => ({
      input: "ssh-known-hosts",
      cause: `${server.host} (port ${server.port}) showed a host key that \`ssh-known-hosts\` marks as @revoked: ${show(key)}.`,
      remedy: "Give the server a new host key, and add its line."
    });
    algorithms = {
      "ssh-ed25519": ["ssh-ed25519"],
      "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
      "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
      "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
      "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"]
    };
    otherAlgorithms = (seen) => Object.entries(algorithms).flatMap(([type, names]) => seen.includes(type) ? [] : names);
  }
});

// src/ssh/link.ts
function watchLink(socket, onSilent) {
  let received = 0;
  let silent = 0;
  let last = { received, sent: 0, waiting: false };
  const count = (chunk) => {
    received += chunk.length;
  };
  const timer = setInterval(() => {
    const sent = (socket.bytesWritten ?? 0) - socket.writableLength;
    const alive = received > last.received || last.waiting && sent > last.sent;
    silent = alive ? 0 : silent + 1;
    last = { received, sent, waiting: socket.writableLength > 0 };
    if (silent < patience2) return;
    stop();
    onSilent();
  }, beat);
  const stop = () => {
    clearInterval(timer);
    socket.off("data", count);
  };
  socket.on("data", count);
  return stop;
}
var beat, patience2;
var init_link = __esm({
  "src/ssh/link.ts"() {
    "use strict";
    beat = 1e3;
    patience2 = 4;
  }
});

// src/ssh/login.ts
function startLogin(user, credentials) {
  const asked = [];
  const ways = waysOf(user, credentials, asked);
  const tried = [];
  let offered = [];
  let partly = false;
  return {
    next(left, partial, use) {
      if (left === null) return use({ type: "none", username: user });
      offered = left;
      partly ||= partial === true;
      const taken = ({ type }) => left.includes(type === "agent" ? "publickey" : type);
      const way = ways.find(({ name: name2, methods }) => !tried.includes(name2) && methods.some(taken));
      const method = way?.methods.find(taken);
      if (way === void 0 || method === void 0) return use(false);
      tried.push(way.name);
      use(method);
    },
    story: () => ({ user, credentials, tried, asked, offered, partly })
  };
}
function waysOf(username, credentials, asked) {
  if (credentials.kind === "agent") {
    return [{ name: "agent", methods: [{ type: "agent", username, agent: credentials.socket }] }];
  }
  const ways = [];
  if (credentials.kind === "key") {
    const key = credentials.key.privateKey;
    ways.push({ name: "key", methods: [{ type: "publickey", username, key }] });
  }
  const { password } = credentials;
  if (password !== void 0) {
    const dialogue = answering(username, password, asked);
    ways.push({ name: "password", methods: [{ type: "password", username, password }, dialogue] });
  }
  return ways;
}
function answering(username, password, asked) {
  let answered = false;
  return {
    type: "keyboard-interactive",
    username,
    prompt(_name, _instructions, _language, prompts, finish) {
      finish(
        prompts.map(({ prompt, echo }) => {
          if (!answered && echo !== true) {
            answered = true;
            return password;
          }
          asked.push(prompt.trim());
          return "";
        })
      );
    }
  };
}
var init_login = __esm({
  "src/ssh/login.ts"() {
    "use strict";
  }
});

// src/ssh/login-refusal.ts
function explainLogin(server, story) {
  const { user, credentials, tried, asked, partly } = story;
  const takes = story.offered.length === 0 ? "nothing" : story.offered.join(", ");
  if (asked.length > 0) return secondFactor(server, story);
  if (partly) {
    return {
      input: "ssh-password",
      cause: `${server} took the ${tried[0]} of ${user}, but asks for more: it takes ${takes}.`,
      remedy: "Give `ssh-key` and `ssh-password` both, or log in as a user that needs only one."
    };
  }
  if (tried.includes("key")) return refusedKey(server, story, takes);
  if (tried.includes("agent")) {
    return {
      input: "ssh-key",
      cause: `${server} accepts no key of the agent at SSH_AUTH_SOCK for the user ${user}.`,
      remedy: `Give \`ssh-key\`, or add a line of \`ssh-add -L\` to ~${user}/.ssh/authorized_keys there.`
    };
  }
  if (tried.includes("password")) {
    return {
      input: "ssh-password",
      cause: `${server} does not accept \`ssh-password\` for the user ${user}.`,
      remedy: "Check the user and the password; root can often log in with a key only (PermitRootLogin)."
    };
  }
  const input = credentials.kind === "password" ? "ssh-password" : "ssh-key";
  return {
    input,
    cause: `${server} does not take \`${input}\` from the user ${user}: it takes ${takes}.`,
    remedy: input === "ssh-key" ? "Allow keys in its sshd_config, or give what it takes." : "Give `ssh-key` instead."
  };
}
function refusedKey(server, { user, credentials, tried }, takes) {
  const key = credentials.kind === "key" ? credentials.key.publicKey : Buffer.alloc(0);
  const password = tried.includes("password") ? ", nor `ssh-password`" : "";
  return {
    input: "ssh-key",
    cause: `${server} does not accept \`ssh-key\`${password} for the user ${user}: ${publicKeyType(key)} ${fingerprint(key)} (the server takes ${takes}).`,
    remedy: `Is ${user} the right user? Then add this line to ~${user}/.ssh/authorized_keys there, which nobody else may be able to write: ${publicKeyType(key)} ${key.toString("base64")}`
  };
}
var secondFactor;
var init_login_refusal = __esm({
  "src/ssh/login-refusal.ts"() {
    "use strict";
    init_wire();
    secondFactor = (server, { user, asked }) => ({
      input: "ssh-password",
      cause: `${server} asks ${user} for more than a password: ${asked.join(", ")}.`,
      remedy: "A workflow cannot answer that: log in with `ssh-key`, as a user that needs no second factor."
    });
  }
});

// src/ssh/session-refusal.ts
function explainSession(error2, server, story, progress) {
  const { refusedKey: refusedKey2, banner } = progress;
  if (refusedKey2 !== void 0) return new RefusedKey(refusedKey2.problem, refusedKey2.key);
  const where = formatLocation(server);
  if (progress.reached === "login") {
    const problem2 = explainEntry(error2, where, story, progress);
    return new Refusal({ ...problem2, ...banner === "" ? {} : { output: lastLines(banner) } }, false);
  }
  return explainGreeting(error2, where, progress);
}
function explainEntry(error2, where, story, { expired }) {
  if (expired) {
    return {
      input: "ssh-password",
      cause: `The password of ${story.user} on ${where} has expired.`,
      remedy: "Log in by hand to set a new one, or use `ssh-key`."
    };
  }
  if (error2.level === "client-authentication") return explainLogin(where, story);
  if (error2.level === "agent") {
    return {
      input: "ssh-key",
      cause: `The agent at SSH_AUTH_SOCK cannot be used: ${error2.message}.`,
      remedy: "Give `ssh-key`, or start the agent in a step before this one."
    };
  }
  const how = error2.name === "TimeoutError" ? "did not finish in time" : `was cut off: ${error2.message}`;
  return {
    input: "ssh-host",
    cause: `The login of ${story.user} on ${where} ${how}.`,
    remedy: "The log of sshd on the server says why (`journalctl -u ssh`)."
  };
}
function explainGreeting(error2, where, { heard }) {
  const first = heard.split(/\r?\n/, 1)[0]?.replace(/[^\x20-\x7e]/g, "?") ?? "";
  if (error2.level === "handshake") {
    return definite(
      `${where} and this action have no way of speaking in common: ${error2.message}.`,
      "Allow a current algorithm in its sshd_config (OpenSSH since 6.5 has them by default)."
    );
  }
  if (/^SSH-/m.test(heard)) {
    if (error2.level === "protocol" || (error2.level ?? error2.code) === void 0) {
      return definite(`What answers at ${where} speaks no proper SSH: ${error2.message}.`, "Check `ssh-port`.");
    }
    const how = error2.name === "TimeoutError" ? "answers too slowly" : `broke off: ${error2.message}`;
    return passing(`The SSH server at ${where} ${how}.`, "If it stays so, the log of sshd says why.");
  }
  if (heard !== "" && !/MaxStartups|Not allowed/i.test(first)) {
    return definite(
      `What answers at ${where} is no SSH server: it said "${first.slice(0, 100)}".`,
      "Check `ssh-host` and `ssh-port`."
    );
  }
  if (error2.name === "TimeoutError") {
    return passing(`${where} takes connections, but no SSH server answers there.`, "Check `ssh-port`.");
  }
  return passing(
    `${where} closed the connection before a word was said${first === "" ? "" : `: ${first}`}.`,
    "It may shut this address out for a while (fail2ban, MaxStartups, PerSourcePenalties of sshd), or a firewall does."
  );
}
var definite, passing;
var init_session_refusal = __esm({
  "src/ssh/session-refusal.ts"() {
    "use strict";
    init_errors();
    init_address();
    init_login_refusal();
    init_refusal();
    definite = (cause, remedy) => new Refusal({ input: "ssh-host", cause, remedy }, false);
    passing = (cause, remedy) => new Refusal({ input: "ssh-host", cause, remedy }, true);
  }
});

// src/ssh/session.ts
async function openSession(socket, door, signal) {
  const { NodeSSH } = await Promise.resolve().then(() => __toESM(require("./vendor/node-ssh.cjs"), 1));
  signal.throwIfAborted();
  const ssh = new NodeSSH();
  const progress = { reached: "connected", heard: "", banner: "" };
  const login = startLogin(door.user, door.credentials);
  const ready = ssh.connect(settings(socket, door, login, progress));
  const ending = followToItsEnd(ssh, socket, progress);
  const giveUp = () => ending.end("given up");
  signal.addEventListener("abort", giveUp);
  try {
    await ready;
  } catch (error2) {
    ending.end("refused");
    if (signal.aborted && !isTimeout(signal.reason)) throw signal.reason;
    throw explainSession(signal.aborted ? signal.reason : error2, door, login.story(), progress);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
  const unwatch = watchLink(socket, () => ending.end("the server fell silent"));
  void ending.over.then(unwatch);
  return { ssh, ...ending, close: () => close(ssh, ending) };
}
function settings(socket, door, login, progress) {
  return {
    sock: socket,
    username: door.user,
    authHandler: login.next,
    algorithms: {
      serverHostKey: [
        ...door.algorithms ?? hostKeyAlgorithms(door.trust, door)
      ]
    },
    hostVerifier: (key) => {
      const problem2 = refuseHostKey(door.trust, door, key);
      if (problem2 !== void 0) progress.refusedKey = { key, problem: problem2 };
      return problem2 === void 0;
    },
    // Our own watch decides when the link is dead; ssh2 is to ask for signs of life. Our signal ends the login.
    keepaliveInterval: beat,
    keepaliveCountMax: 60,
    readyTimeout: 0
  };
}
function followToItsEnd(ssh, socket, progress) {
  const { promise: over, resolve: resolve2 } = Promise.withResolvers();
  let isOver = false;
  const end = (reason) => {
    isOver = true;
    resolve2(reason);
    socket.destroy();
  };
  const hear = (chunk) => {
    progress.heard += chunk.toString("latin1", 0, 1024);
    if (progress.heard.length > 1024 || /^SSH-/m.test(progress.heard)) socket.off("data", hear);
  };
  socket.on("data", hear);
  socket.on("error", () => {
  });
  ssh.connection?.on("error", (error2) => end(error2.message)).on("close", () => end("the connection was closed")).on("handshake", () => {
    progress.reached = "login";
  }).on("banner", (text) => {
    progress.banner += text;
  }).on("change password", () => {
    progress.expired = true;
    end("the password has expired");
  });
  return { over, isOver: () => isOver, end };
}
async function close(ssh, { over, end }) {
  const timer = setTimeout(() => end("closed"), goodbye);
  ssh.dispose();
  await over;
  clearTimeout(timer);
}
var isTimeout, goodbye;
var init_session = __esm({
  "src/ssh/session.ts"() {
    "use strict";
    init_host_key();
    init_link();
    init_login();
    init_session_refusal();
    isTimeout = (reason) => reason instanceof Error && reason.name === "TimeoutError";
    goodbye = 1e3;
  }
});

// src/ssh/route.ts
async function openRoute(plan, credentials, options) {
  const { host, port, user, jump, hostKey: trust } = plan;
  const door = { host, port, user, credentials, trust };
  if (jump === void 0) {
    return { session: await openDoor(door, (signal) => dialOrExplain(door, signal), options), hops: [] };
  }
  const hop = { ...jump, credentials, trust };
  const first = await openDoor(hop, (signal) => dialOrExplain(hop, signal), options);
  try {
    return {
      session: await openDoor(door, (signal) => forward(first, hop, door, signal), options),
      hops: [first]
    };
  } catch (error2) {
    await first.close();
    throw error2;
  }
}
async function openDoor(door, way, options, refused = []) {
  const { timeout = 15e3, signal } = options;
  const limit = AbortSignal.any([AbortSignal.timeout(timeout), ...signal === void 0 ? [] : [signal]]);
  const asked = refused.length === 0 ? door : { ...door, algorithms: unseen(refused) };
  try {
    return await openSession(await way(limit), asked, limit);
  } catch (error2) {
    if (door.trust.kind === "fingerprint" && error2 instanceof RefusedKey) {
      const all = [...refused, error2];
      if (unseen(all).length > 0) return openDoor(door, way, options, all);
    }
    throw refused[0] ?? error2;
  }
}
async function dialOrExplain(location, signal) {
  try {
    return await dial2(location, signal);
  } catch (error2) {
    if (signal.aborted && !isTimeout(signal.reason)) throw error2;
    throw explainDial(isTimeout(error2) ? { code: "ETIMEDOUT" } : error2, location);
  }
}
async function forward({ ssh }, hop, { host, port }, signal) {
  const { promise, reject } = Promise.withResolvers();
  const giveUp = () => reject(signal.reason);
  signal.addEventListener("abort", giveUp);
  try {
    return await Promise.race([ssh.forwardOut("127.0.0.1", 0, host, port), promise]);
  } catch (error2) {
    if (signal.aborted && !isTimeout(signal.reason)) throw error2;
    throw explainForward(
      error2,
      formatLocation(hop),
      formatLocation({ host, port })
    );
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
function explainForward(error2, hop, where) {
  if (error2.reason === 1) {
    return new Refusal(
      {
        input: "ssh-jump",
        cause: `The jump host ${hop} does not pass on connections.`,
        remedy: "Set `AllowTcpForwarding yes` (or `local`) for this user in its sshd_config."
      },
      false
    );
  }
  const why = error2.reason === 2 ? "nothing answers there" : error2.message;
  return new Refusal(
    {
      input: "ssh-jump",
      cause: `The jump host ${hop} cannot connect to ${where}: ${why}.`,
      remedy: "`ssh-host` is looked up from the jump host: is its name, address and port right from there?"
    },
    true
  );
}
var unseen;
var init_route = __esm({
  "src/ssh/route.ts"() {
    "use strict";
    init_address();
    init_dial();
    init_host_key();
    init_refusal();
    init_session();
    init_wire();
    unseen = (refused) => otherAlgorithms(refused.map(({ key }) => publicKeyType(key)));
  }
});

// src/ssh/connection.ts
async function connect(plan, options = {}) {
  const { stage = "preflight" } = options;
  try {
    const sessions2 = await openRetrying(plan, await openCredentials(plan.authentication), options);
    return connectionOver(sessions2, `${plan.user}@${formatLocation(plan)}`, stage);
  } catch (error2) {
    throw error2 instanceof Refusal ? new Failure(stage, error2.problem) : error2;
  }
}
async function openCredentials(authentication) {
  if (authentication.kind !== "key") return authentication;
  const key = await openKey(authentication.key, authentication.passphrase);
  if (isProblem(key)) throw new Refusal(key, false);
  const { password } = authentication;
  return { kind: "key", key, ...password === void 0 ? {} : { password } };
}
async function openRetrying(plan, credentials, options) {
  const { attempts = 3, patience: patience3 = 3e4, signal, onRetry } = options;
  const begin = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await openRoute(plan, credentials, options);
    } catch (error2) {
      const spent = performance.now() - begin > patience3;
      if (!(error2 instanceof Refusal) || !error2.transient || attempt >= attempts || spent) throw error2;
      const wait = 1e3 * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
      onRetry?.(error2.problem.cause, wait);
      await pause(wait, signal);
    }
  }
}
async function pause(wait, signal) {
  try {
    await (0, import_promises6.setTimeout)(wait, void 0, signal === void 0 ? {} : { signal });
  } catch {
    signal?.throwIfAborted();
  }
}
function connectionOver(sessions2, target, stage) {
  const { session, hops } = sessions2;
  const close2 = async () => {
    for (const each of [session, ...hops]) await each.close();
  };
  return {
    run: remoteRun(session, target, stage),
    target,
    onDrop: session.over,
    dropped: session.isOver,
    close: close2,
    [Symbol.asyncDispose]: close2
  };
}
var import_promises6;
var init_connection = __esm({
  "src/ssh/connection.ts"() {
    "use strict";
    import_promises6 = require("node:timers/promises");
    init_errors();
    init_address();
    init_key();
    init_key_text();
    init_refusal();
    init_remote_run();
    init_route();
  }
});

// src/ssh/trust.ts
function planHostKey(inputs2, server, findings) {
  const { "ssh-known-hosts": lines, "ssh-fingerprint": prints } = inputs2;
  const insecure = planOptOut(inputs2, findings);
  const given = [
    ...lines === "" ? [] : ["`ssh-known-hosts`"],
    ...prints === "" ? [] : ["`ssh-fingerprint`"],
    ...insecure ? ["`ssh-insecure-skip-host-key-check`"] : []
  ];
  if (given.length !== 1) findings.problems.push(given.length === 0 ? missing(server) : tooMany(given));
  if (lines !== "") return planKnownHosts(lines, server, findings);
  if (prints !== "") return planFingerprints(prints, server, findings);
  return insecure ? { kind: "insecure" } : void 0;
}
function planOptOut(inputs2, findings) {
  const insecure = boolean(inputs2, "ssh-insecure-skip-host-key-check", findings, false);
  if (insecure) {
    findings.warnings.push(
      "`ssh-insecure-skip-host-key-check` is on: whoever answers in the place of the server gets all that is sent there."
    );
  }
  return insecure;
}
function planKnownHosts(lines, server, findings) {
  const { hosts, unreadable } = parseKnownHosts(lines);
  const numbers = unreadable.join(", ");
  if (hosts.length > 0) {
    if (numbers !== "") findings.warnings.push(`\`ssh-known-hosts\`: cannot read line ${numbers}, left out.`);
    return { kind: "known-hosts", lines };
  }
  const bareKey = /^(ssh|ecdsa)-\S+ AAAA/m.test(lines);
  const print = /^SHA256:\S+$/m.test(lines);
  findings.problems.push({
    input: "ssh-known-hosts",
    cause: `\`ssh-known-hosts\` has no line of the form \`host type key\`${bareKey ? ": the host is missing" : ""}.`,
    remedy: print ? "This looks like a fingerprint: give it as `ssh-fingerprint`." : `Give the output of \`${keyscan(server)}\`.`
  });
  return void 0;
}
function planFingerprints(text, server, findings) {
  const fingerprints = [];
  for (const entry of text.split(/[\n,]/).map((part) => part.trim())) {
    const print = readFingerprint(entry);
    if (print !== void 0) fingerprints.push(print);
    else if (entry !== "") findings.problems.push(noFingerprint(entry, server));
  }
  return fingerprints.length > 0 ? { kind: "fingerprint", fingerprints } : void 0;
}
function readFingerprint(entry) {
  const hash = /(?:^|\s)SHA256:([A-Za-z0-9+/]{43})=?(?:\s|$)/i.exec(entry)?.[1] ?? /^([A-Za-z0-9+/]{43})=?$/.exec(entry)?.[1];
  return hash === void 0 ? void 0 : `SHA256:${hash}`;
}
function noFingerprint(entry, server) {
  const md5 = /(?:^|\s|MD5:)(?:[0-9a-f]{2}:){15}[0-9a-f]{2}(?:\s|$)/i.test(entry);
  return {
    input: "ssh-fingerprint",
    cause: `\`ssh-fingerprint\` is \`${entry}\`, ${md5 ? "an MD5 hash, which proves nothing today" : "no SHA-256 fingerprint"}.`,
    remedy: `Take what \`${keyscan(server)} | ssh-keygen -lf -\` prints: SHA256: and 43 characters.`
  };
}
var keyscan, missing, tooMany;
var init_trust = __esm({
  "src/ssh/trust.ts"() {
    "use strict";
    init_values();
    init_known_hosts();
    keyscan = ({ host, port }) => `ssh-keyscan ${port === 22 ? "" : `-p ${port} `}${host}`;
    missing = (server) => ({
      input: "ssh-known-hosts",
      cause: `Nothing says which host key ${server.host} has: \`ssh-known-hosts\` and \`ssh-fingerprint\` are empty.`,
      remedy: `Give the output of \`${keyscan(server)}\` as \`ssh-known-hosts\` (a variable will do, it is no secret).`
    });
    tooMany = (given) => ({
      input: "ssh-known-hosts",
      cause: `${given.join(" and ")} are given, and only one of them can decide about the host key.`,
      remedy: "Leave one."
    });
  }
});

// src/ssh/target.ts
function planSsh(inputs2, env2, findings) {
  if (inputs2["ssh-host"] === "") {
    const given = forServer.filter((name2) => inputs2[name2] !== "");
    if (given.length > 0) findings.problems.push(noServer(given));
    return void 0;
  }
  const target = planTarget(inputs2, findings);
  const jump = planJump(inputs2["ssh-jump"], target?.user, findings);
  const authentication = planAuthentication(inputs2, env2.SSH_AUTH_SOCK ?? "", findings);
  const hostKey = planHostKey(inputs2, target ?? { host: "HOST", port: 22 }, findings);
  if (target === void 0 || authentication === void 0 || hostKey === void 0) return void 0;
  return { ...target, authentication, hostKey, ...jump === void 0 ? {} : { jump } };
}
function planTarget(inputs2, findings) {
  const address = readAddress("ssh-host", inputs2["ssh-host"], findings);
  if (address === void 0) return void 0;
  const user = agree("ssh-user", address.user, inputs2["ssh-user"], findings);
  if (user === "") findings.problems.push(noUser(inputs2["ssh-host"]));
  const portText = agree("ssh-port", address.port?.toString(), inputs2["ssh-port"], findings);
  const port = portText === "" ? 22 : parsePort(portText);
  if (port === void 0) findings.problems.push(badPort(portText));
  return { host: address.host, port: port ?? 22, user };
}
function agree(input, inHost, own, findings) {
  if (inHost !== void 0 && own !== "" && own !== inHost) {
    findings.problems.push({
      input,
      cause: `\`ssh-host\` says \`${inHost}\`, and \`${input}\` says \`${own}\`.`,
      remedy: "Leave one of them out."
    });
  }
  return inHost ?? own;
}
function readAddress(input, text, findings) {
  const address = parseAddress(text);
  if (!isBadAddress(address)) return address;
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${address.shown}\`, which ${address.reason}.`,
    remedy: address.reason.includes("password") ? "Give the password as `ssh-password`, from a secret; change it, for it may have been logged." : "Give one server: `host`, `user@host`, `user@host:port` or `[2001:db8::1]:port`."
  });
  return void 0;
}
function planJump(text, user, findings) {
  const address = text === "" ? void 0 : readAddress("ssh-jump", text, findings);
  if (address === void 0) return void 0;
  return { host: address.host, port: address.port ?? 22, user: address.user ?? user ?? "" };
}
function planAuthentication(inputs2, agent, findings) {
  const { "ssh-key": key, "ssh-passphrase": passphrase, "ssh-password": password } = inputs2;
  if (key !== "") return planKey(key, passphrase, password, findings);
  if (password !== "") return { kind: "password", password };
  if (agent !== "") return { kind: "agent", socket: agent };
  findings.problems.push({
    input: "ssh-key",
    cause: "There is nothing to log in with: `ssh-key` and `ssh-password` are empty, and no agent is running.",
    remedy: "Is the secret set in this environment? Forks and Dependabot get none. Else give `ssh-key`."
  });
  return void 0;
}
function planKey(given, passphrase, password, findings) {
  const key = repairKey(given);
  const problem2 = isProblem(key) ? key : key.encrypted && passphrase === "" ? missingPassphrase : void 0;
  if (problem2 !== void 0) findings.problems.push(problem2);
  if (isProblem(key)) return void 0;
  return {
    kind: "key",
    key: key.text,
    ...passphrase === "" ? {} : { passphrase },
    ...password === "" ? {} : { password }
  };
}
var forServer, noServer, noUser, badPort;
var init_target = __esm({
  "src/ssh/target.ts"() {
    "use strict";
    init_address();
    init_key_text();
    init_trust();
    forServer = [
      "ssh-user",
      "ssh-key",
      "ssh-password",
      "ssh-known-hosts",
      "ssh-fingerprint",
      "ssh-jump",
      "project-directory",
      "service",
      "compose-files",
      "project-name",
      "rollback-to"
    ];
    noServer = (given) => ({
      input: "ssh-host",
      cause: `\`ssh-host\` is empty, though ${given.map((name2) => `\`${name2}\``).join(", ")} ${given.length > 1 ? "are" : "is"} given.`,
      remedy: "Is the variable or secret set in this environment? To build and push without a deploy, leave the others out too."
    });
    noUser = (host) => ({
      input: "ssh-user",
      cause: `Nothing says as whom to log in on ${host}.`,
      remedy: `Put the user in front (\`ssh-host: deploy@${host}\`), or set \`ssh-user\`.`
    });
    badPort = (port) => ({
      input: "ssh-port",
      cause: `\`ssh-port\` is \`${port}\`, which is no port.`,
      remedy: "Give a number from 1 to 65535, or leave it out for 22."
    });
  }
});

// src/unfinished.ts
var unfinished_exports = {};
__export(unfinished_exports, {
  tellUnfinished: () => tellUnfinished
});
async function tellUnfinished(path4, inputs2, env2, log2) {
  const ssh = planSsh(inputs2, env2, noFindings());
  if (ssh === void 0) return;
  const verdict = await log2.group(
    "Follow the deploy to its end on the server",
    () => resume(path4, {
      connect: () => connect(ssh, { stage: "deploy" }),
      tell: log2.foreign,
      cancelled: new AbortController().signal
    })
  );
  if (verdict === void 0) return;
  const text = outcomeOf(verdict);
  if (verdict.kind === "ok" || verdict.kind === "unchanged") log2.notice(text);
  else log2.error(text, { title: "slipway: deploy" });
}
var init_unfinished = __esm({
  "src/unfinished.ts"() {
    "use strict";
    init_transaction2();
    init_findings();
    init_outcome();
    init_connection();
    init_target();
  }
});

// src/github/context.ts
function readContext(env2, event) {
  return {
    eventName: env2["GITHUB_EVENT_NAME"] ?? "",
    ref: env2["GITHUB_REF"] ?? "",
    sha: env2["GITHUB_SHA"] ?? "",
    headRef: env2["GITHUB_HEAD_REF"] ?? "",
    baseRef: env2["GITHUB_BASE_REF"] ?? "",
    repository: env2["GITHUB_REPOSITORY"] ?? "",
    actor: env2["GITHUB_ACTOR"] ?? "",
    workflow: env2["GITHUB_WORKFLOW"] ?? "",
    job: env2["GITHUB_JOB"] ?? "",
    runId: env2["GITHUB_RUN_ID"] ?? "",
    runNumber: Number(env2["GITHUB_RUN_NUMBER"] ?? 0),
    runAttempt: Number(env2["GITHUB_RUN_ATTEMPT"] ?? 1),
    serverUrl: env2["GITHUB_SERVER_URL"] ?? "https://github.com",
    apiUrl: env2["GITHUB_API_URL"] ?? "https://api.github.com",
    workspace: env2["GITHUB_WORKSPACE"] ?? process.cwd(),
    temp: env2["RUNNER_TEMP"] ?? "",
    payload: event === "" ? {} : JSON.parse(event),
    onRunner: env2["GITHUB_ACTIONS"] === "true"
  };
}

// src/inputs.ts
var declared = {
  // Image
  image: {},
  images: {},
  tags: {},
  flavor: {},
  labels: {},
  annotations: {},
  "metadata-context": {},
  // Build
  build: {},
  push: {},
  context: {},
  file: {},
  target: {},
  platforms: {},
  "build-args": {},
  "build-contexts": {},
  secrets: { secret: true },
  "secret-envs": {},
  "secret-files": {},
  ssh: {},
  "cache-from": {},
  "cache-to": {},
  "no-cache": {},
  "no-cache-filters": {},
  pull: {},
  load: {},
  outputs: {},
  provenance: {},
  sbom: {},
  attests: {},
  call: {},
  network: {},
  "add-hosts": {},
  allow: {},
  ulimit: {},
  "shm-size": {},
  "cgroup-parent": {},
  // Builder
  builder: {},
  driver: {},
  "driver-opts": {},
  "buildkitd-config-inline": {},
  "buildkitd-flags": {},
  endpoint: {},
  append: {},
  "keep-state": {},
  cleanup: {},
  "qemu-image": {},
  "buildx-version": {},
  // Registry
  registry: {},
  "registry-username": {},
  "registry-password": { secret: true },
  "registry-auth": { secret: true },
  login: {},
  // Server
  "ssh-host": {},
  "ssh-user": {},
  "ssh-port": {},
  "ssh-key": { secret: true },
  "ssh-passphrase": { secret: true },
  "ssh-password": { secret: true },
  "ssh-known-hosts": {},
  "ssh-fingerprint": {},
  "ssh-insecure-skip-host-key-check": {},
  "ssh-jump": {},
  // Deploy
  "project-directory": {},
  service: {},
  "compose-files": {},
  "project-name": {},
  "wait-timeout": {},
  stability: {},
  rollback: {},
  "rollback-to": {},
  "lock-timeout": {},
  "keep-releases": {},
  "server-login": {},
  "dry-run": {},
  // Release
  files: {},
  env: { secret: true },
  "env-file": {},
  "run-before": {},
  "run-after": {},
  "host-before": {},
  "host-after": {},
  "check-url": {},
  "check-status": {},
  "check-contains": {},
  "check-timeout": {},
  "check-from": {},
  "check-on-lost": {},
  "allow-older": {},
  promote: {},
  // GitHub
  "github-token": { secret: true },
  environment: {},
  "environment-url": {},
  summary: {}
};
var inputNames = Object.keys(declared);
var isSecret = (name2) => "secret" in declared[name2];
var variable = (name2) => `INPUT_${name2.replaceAll(" ", "_").toUpperCase()}`;
function readInputs(env2) {
  return Object.fromEntries(inputNames.map((name2) => [name2, (env2[variable(name2)] ?? "").trim()]));
}

// src/local.ts
var import_node_fs = require("node:fs");

// node_modules/@actions/exec/lib/toolrunner.js
var os = __toESM(require("os"), 1);
var events = __toESM(require("events"), 1);
var child = __toESM(require("child_process"), 1);
var path3 = __toESM(require("path"), 1);

// node_modules/@actions/io/lib/io.js
var path2 = __toESM(require("path"));

// node_modules/@actions/io/lib/io-util.js
var fs = __toESM(require("fs"));
var path = __toESM(require("path"));
var __awaiter = function(thisArg, _arguments, P, generator) {
  function adopt(value) {
    return value instanceof P ? value : new P(function(resolve2) {
      resolve2(value);
    });
  }
  return new (P || (P = Promise))(function(resolve2, reject) {
    function fulfilled(value) {
      try {
        step(generator.next(value));
      } catch (e) {
        reject(e);
      }
    }
    function rejected(value) {
      try {
        step(generator["throw"](value));
      } catch (e) {
        reject(e);
      }
    }
    function step(result) {
      result.done ? resolve2(result.value) : adopt(result.value).then(fulfilled, rejected);
    }
    step((generator = generator.apply(thisArg, _arguments || [])).next());
  });
};
var { chmod, copyFile, lstat, mkdir, open, readdir, rename, rm, rmdir, stat, symlink, unlink } = fs.promises;
var IS_WINDOWS = process.platform === "win32";
var READONLY = fs.constants.O_RDONLY;
function exists(fsPath) {
  return __awaiter(this, void 0, void 0, function* () {
    try {
      yield stat(fsPath);
    } catch (err) {
      if (err.code === "ENOENT") {
        return false;
      }
      throw err;
    }
    return true;
  });
}
function isRooted(p) {
  p = normalizeSeparators(p);
  if (!p) {
    throw new Error('isRooted() parameter "p" cannot be empty');
  }
  if (IS_WINDOWS) {
    return p.startsWith("\\") || /^[A-Z]:/i.test(p);
  }
  return p.startsWith("/");
}
function tryGetExecutablePath(filePath, extensions) {
  return __awaiter(this, void 0, void 0, function* () {
    let stats = void 0;
    try {
      stats = yield stat(filePath);
    } catch (err) {
      if (err.code !== "ENOENT") {
        console.log(`Unexpected error attempting to determine if executable file exists '${filePath}': ${err}`);
      }
    }
    if (stats && stats.isFile()) {
      if (IS_WINDOWS) {
        const upperExt = path.extname(filePath).toUpperCase();
        if (extensions.some((validExt) => validExt.toUpperCase() === upperExt)) {
          return filePath;
        }
      } else {
        if (isUnixExecutable(stats)) {
          return filePath;
        }
      }
    }
    const originalFilePath = filePath;
    for (const extension of extensions) {
      filePath = originalFilePath + extension;
      stats = void 0;
      try {
        stats = yield stat(filePath);
      } catch (err) {
        if (err.code !== "ENOENT") {
          console.log(`Unexpected error attempting to determine if executable file exists '${filePath}': ${err}`);
        }
      }
      if (stats && stats.isFile()) {
        if (IS_WINDOWS) {
          try {
            const directory = path.dirname(filePath);
            const upperName = path.basename(filePath).toUpperCase();
            for (const actualName of yield readdir(directory)) {
              if (upperName === actualName.toUpperCase()) {
                filePath = path.join(directory, actualName);
                break;
              }
            }
          } catch (err) {
            console.log(`Unexpected error attempting to determine the actual case of the file '${filePath}': ${err}`);
          }
          return filePath;
        } else {
          if (isUnixExecutable(stats)) {
            return filePath;
          }
        }
      }
    }
    return "";
  });
}
function normalizeSeparators(p) {
  p = p || "";
  if (IS_WINDOWS) {
    p = p.replace(/\//g, "\\");
    return p.replace(/\\\\+/g, "\\");
  }
  return p.replace(/\/\/+/g, "/");
}
function isUnixExecutable(stats) {
  return (stats.mode & 1) > 0 || (stats.mode & 8) > 0 && process.getgid !== void 0 && stats.gid === process.getgid() || (stats.mode & 64) > 0 && process.getuid !== void 0 && stats.uid === process.getuid();
}

// node_modules/@actions/io/lib/io.js
var __awaiter2 = function(thisArg, _arguments, P, generator) {
  function adopt(value) {
    return value instanceof P ? value : new P(function(resolve2) {
      resolve2(value);
    });
  }
  return new (P || (P = Promise))(function(resolve2, reject) {
    function fulfilled(value) {
      try {
        step(generator.next(value));
      } catch (e) {
        reject(e);
      }
    }
    function rejected(value) {
      try {
        step(generator["throw"](value));
      } catch (e) {
        reject(e);
      }
    }
    function step(result) {
      result.done ? resolve2(result.value) : adopt(result.value).then(fulfilled, rejected);
    }
    step((generator = generator.apply(thisArg, _arguments || [])).next());
  });
};
function which(tool, check) {
  return __awaiter2(this, void 0, void 0, function* () {
    if (!tool) {
      throw new Error("parameter 'tool' is required");
    }
    if (check) {
      const result = yield which(tool, false);
      if (!result) {
        if (IS_WINDOWS) {
          throw new Error(`Unable to locate executable file: ${tool}. Please verify either the file path exists or the file can be found within a directory specified by the PATH environment variable. Also verify the file has a valid extension for an executable file.`);
        } else {
          throw new Error(`Unable to locate executable file: ${tool}. Please verify either the file path exists or the file can be found within a directory specified by the PATH environment variable. Also check the file mode to verify the file is executable.`);
        }
      }
      return result;
    }
    const matches2 = yield findInPath(tool);
    if (matches2 && matches2.length > 0) {
      return matches2[0];
    }
    return "";
  });
}
function findInPath(tool) {
  return __awaiter2(this, void 0, void 0, function* () {
    if (!tool) {
      throw new Error("parameter 'tool' is required");
    }
    const extensions = [];
    if (IS_WINDOWS && process.env["PATHEXT"]) {
      for (const extension of process.env["PATHEXT"].split(path2.delimiter)) {
        if (extension) {
          extensions.push(extension);
        }
      }
    }
    if (isRooted(tool)) {
      const filePath = yield tryGetExecutablePath(tool, extensions);
      if (filePath) {
        return [filePath];
      }
      return [];
    }
    if (tool.includes(path2.sep)) {
      return [];
    }
    const directories = [];
    if (process.env.PATH) {
      for (const p of process.env.PATH.split(path2.delimiter)) {
        if (p) {
          directories.push(p);
        }
      }
    }
    const matches2 = [];
    for (const directory of directories) {
      const filePath = yield tryGetExecutablePath(path2.join(directory, tool), extensions);
      if (filePath) {
        matches2.push(filePath);
      }
    }
    return matches2;
  });
}

// node_modules/@actions/exec/lib/toolrunner.js
var import_timers = require("timers");
var __awaiter3 = function(thisArg, _arguments, P, generator) {
  function adopt(value) {
    return value instanceof P ? value : new P(function(resolve2) {
      resolve2(value);
    });
  }
  return new (P || (P = Promise))(function(resolve2, reject) {
    function fulfilled(value) {
      try {
        step(generator.next(value));
      } catch (e) {
        reject(e);
      }
    }
    function rejected(value) {
      try {
        step(generator["throw"](value));
      } catch (e) {
        reject(e);
      }
    }
    function step(result) {
      result.done ? resolve2(result.value) : adopt(result.value).then(fulfilled, rejected);
    }
    step((generator = generator.apply(thisArg, _arguments || [])).next());
  });
};
var IS_WINDOWS2 = process.platform === "win32";
var ToolRunner = class extends events.EventEmitter {
  constructor(toolPath, args, options) {
    super();
    if (!toolPath) {
      throw new Error("Parameter 'toolPath' cannot be null or empty.");
    }
    this.toolPath = toolPath;
    this.args = args || [];
    this.options = options || {};
  }
  _debug(message) {
    if (this.options.listeners && this.options.listeners.debug) {
      this.options.listeners.debug(message);
    }
  }
  _getCommandString(options, noPrefix) {
    const toolPath = this._getSpawnFileName();
    const args = this._getSpawnArgs(options);
    let cmd = noPrefix ? "" : "[command]";
    if (IS_WINDOWS2) {
      if (this._isCmdFile()) {
        cmd += toolPath;
        for (const a of args) {
          cmd += ` ${a}`;
        }
      } else if (options.windowsVerbatimArguments) {
        cmd += `"${toolPath}"`;
        for (const a of args) {
          cmd += ` ${a}`;
        }
      } else {
        cmd += this._windowsQuoteCmdArg(toolPath);
        for (const a of args) {
          cmd += ` ${this._windowsQuoteCmdArg(a)}`;
        }
      }
    } else {
      cmd += toolPath;
      for (const a of args) {
        cmd += ` ${a}`;
      }
    }
    return cmd;
  }
  _processLineBuffer(data, strBuffer, onLine) {
    try {
      let s = strBuffer + data.toString();
      let n = s.indexOf(os.EOL);
      while (n > -1) {
        const line = s.substring(0, n);
        onLine(line);
        s = s.substring(n + os.EOL.length);
        n = s.indexOf(os.EOL);
      }
      return s;
    } catch (err) {
      this._debug(`error processing line. Failed with error ${err}`);
      return "";
    }
  }
  _getSpawnFileName() {
    if (IS_WINDOWS2) {
      if (this._isCmdFile()) {
        return process.env["COMSPEC"] || "cmd.exe";
      }
    }
    return this.toolPath;
  }
  _getSpawnArgs(options) {
    if (IS_WINDOWS2) {
      if (this._isCmdFile()) {
        let argline = `/D /S /C "${this._windowsQuoteCmdArg(this.toolPath)}`;
        for (const a of this.args) {
          argline += " ";
          argline += options.windowsVerbatimArguments ? a : this._windowsQuoteCmdArg(a);
        }
        argline += '"';
        return [argline];
      }
    }
    return this.args;
  }
  _endsWith(str, end) {
    return str.endsWith(end);
  }
  _isCmdFile() {
    const upperToolPath = this.toolPath.toUpperCase();
    return this._endsWith(upperToolPath, ".CMD") || this._endsWith(upperToolPath, ".BAT");
  }
  _windowsQuoteCmdArg(arg) {
    if (!this._isCmdFile()) {
      return this._uvQuoteCmdArg(arg);
    }
    if (!arg) {
      return '""';
    }
    const cmdSpecialChars = [
      " ",
      "	",
      "&",
      "(",
      ")",
      "[",
      "]",
      "{",
      "}",
      "^",
      "=",
      ";",
      "!",
      "'",
      "+",
      ",",
      "`",
      "~",
      "|",
      "<",
      ">",
      '"'
    ];
    let needsQuotes = false;
    for (const char of arg) {
      if (cmdSpecialChars.some((x) => x === char)) {
        needsQuotes = true;
        break;
      }
    }
    if (!needsQuotes) {
      return arg;
    }
    let reverse = '"';
    let quoteHit = true;
    for (let i = arg.length; i > 0; i--) {
      reverse += arg[i - 1];
      if (quoteHit && arg[i - 1] === "\\") {
        reverse += "\\";
      } else if (arg[i - 1] === '"') {
        quoteHit = true;
        reverse += '"';
      } else {
        quoteHit = false;
      }
    }
    reverse += '"';
    return reverse.split("").reverse().join("");
  }
  _uvQuoteCmdArg(arg) {
    if (!arg) {
      return '""';
    }
    if (!arg.includes(" ") && !arg.includes("	") && !arg.includes('"')) {
      return arg;
    }
    if (!arg.includes('"') && !arg.includes("\\")) {
      return `"${arg}"`;
    }
    let reverse = '"';
    let quoteHit = true;
    for (let i = arg.length; i > 0; i--) {
      reverse += arg[i - 1];
      if (quoteHit && arg[i - 1] === "\\") {
        reverse += "\\";
      } else if (arg[i - 1] === '"') {
        quoteHit = true;
        reverse += "\\";
      } else {
        quoteHit = false;
      }
    }
    reverse += '"';
    return reverse.split("").reverse().join("");
  }
  _cloneExecOptions(options) {
    options = options || {};
    const result = {
      cwd: options.cwd || process.cwd(),
      env: options.env || process.env,
      silent: options.silent || false,
      windowsVerbatimArguments: options.windowsVerbatimArguments || false,
      failOnStdErr: options.failOnStdErr || false,
      ignoreReturnCode: options.ignoreReturnCode || false,
      delay: options.delay || 1e4
    };
    result.outStream = options.outStream || process.stdout;
    result.errStream = options.errStream || process.stderr;
    return result;
  }
  _getSpawnOptions(options, toolPath) {
    options = options || {};
    const result = {};
    result.cwd = options.cwd;
    result.env = options.env;
    result["windowsVerbatimArguments"] = options.windowsVerbatimArguments || this._isCmdFile();
    if (options.windowsVerbatimArguments) {
      result.argv0 = `"${toolPath}"`;
    }
    return result;
  }
  /**
   * Exec a tool.
   * Output will be streamed to the live console.
   * Returns promise with return code
   *
   * @param     tool     path to tool to exec
   * @param     options  optional exec options.  See ExecOptions
   * @returns   number
   */
  exec() {
    return __awaiter3(this, void 0, void 0, function* () {
      if (!isRooted(this.toolPath) && (this.toolPath.includes("/") || IS_WINDOWS2 && this.toolPath.includes("\\"))) {
        this.toolPath = path3.resolve(process.cwd(), this.options.cwd || process.cwd(), this.toolPath);
      }
      this.toolPath = yield which(this.toolPath, true);
      return new Promise((resolve2, reject) => __awaiter3(this, void 0, void 0, function* () {
        this._debug(`exec tool: ${this.toolPath}`);
        this._debug("arguments:");
        for (const arg of this.args) {
          this._debug(`   ${arg}`);
        }
        const optionsNonNull = this._cloneExecOptions(this.options);
        if (!optionsNonNull.silent && optionsNonNull.outStream) {
          optionsNonNull.outStream.write(this._getCommandString(optionsNonNull) + os.EOL);
        }
        const state = new ExecState(optionsNonNull, this.toolPath);
        state.on("debug", (message) => {
          this._debug(message);
        });
        if (this.options.cwd && !(yield exists(this.options.cwd))) {
          return reject(new Error(`The cwd: ${this.options.cwd} does not exist!`));
        }
        const fileName = this._getSpawnFileName();
        const cp = child.spawn(fileName, this._getSpawnArgs(optionsNonNull), this._getSpawnOptions(this.options, fileName));
        let stdbuffer = "";
        if (cp.stdout) {
          cp.stdout.on("data", (data) => {
            if (this.options.listeners && this.options.listeners.stdout) {
              this.options.listeners.stdout(data);
            }
            if (!optionsNonNull.silent && optionsNonNull.outStream) {
              optionsNonNull.outStream.write(data);
            }
            stdbuffer = this._processLineBuffer(data, stdbuffer, (line) => {
              if (this.options.listeners && this.options.listeners.stdline) {
                this.options.listeners.stdline(line);
              }
            });
          });
        }
        let errbuffer = "";
        if (cp.stderr) {
          cp.stderr.on("data", (data) => {
            state.processStderr = true;
            if (this.options.listeners && this.options.listeners.stderr) {
              this.options.listeners.stderr(data);
            }
            if (!optionsNonNull.silent && optionsNonNull.errStream && optionsNonNull.outStream) {
              const s = optionsNonNull.failOnStdErr ? optionsNonNull.errStream : optionsNonNull.outStream;
              s.write(data);
            }
            errbuffer = this._processLineBuffer(data, errbuffer, (line) => {
              if (this.options.listeners && this.options.listeners.errline) {
                this.options.listeners.errline(line);
              }
            });
          });
        }
        cp.on("error", (err) => {
          state.processError = err.message;
          state.processExited = true;
          state.processClosed = true;
          state.CheckComplete();
        });
        cp.on("exit", (code) => {
          state.processExitCode = code;
          state.processExited = true;
          this._debug(`Exit code ${code} received from tool '${this.toolPath}'`);
          state.CheckComplete();
        });
        cp.on("close", (code) => {
          state.processExitCode = code;
          state.processExited = true;
          state.processClosed = true;
          this._debug(`STDIO streams have closed for tool '${this.toolPath}'`);
          state.CheckComplete();
        });
        state.on("done", (error2, exitCode) => {
          if (stdbuffer.length > 0) {
            this.emit("stdline", stdbuffer);
          }
          if (errbuffer.length > 0) {
            this.emit("errline", errbuffer);
          }
          cp.removeAllListeners();
          if (error2) {
            reject(error2);
          } else {
            resolve2(exitCode);
          }
        });
        if (this.options.input) {
          if (!cp.stdin) {
            throw new Error("child process missing stdin");
          }
          cp.stdin.end(this.options.input);
        }
      }));
    });
  }
};
function argStringToArray(argString) {
  const args = [];
  let inQuotes = false;
  let escaped = false;
  let arg = "";
  function append(c) {
    if (escaped && c !== '"') {
      arg += "\\";
    }
    arg += c;
    escaped = false;
  }
  for (let i = 0; i < argString.length; i++) {
    const c = argString.charAt(i);
    if (c === '"') {
      if (!escaped) {
        inQuotes = !inQuotes;
      } else {
        append(c);
      }
      continue;
    }
    if (c === "\\" && escaped) {
      append(c);
      continue;
    }
    if (c === "\\" && inQuotes) {
      escaped = true;
      continue;
    }
    if (c === " " && !inQuotes) {
      if (arg.length > 0) {
        args.push(arg);
        arg = "";
      }
      continue;
    }
    append(c);
  }
  if (arg.length > 0) {
    args.push(arg.trim());
  }
  return args;
}
var ExecState = class _ExecState extends events.EventEmitter {
  constructor(options, toolPath) {
    super();
    this.processClosed = false;
    this.processError = "";
    this.processExitCode = 0;
    this.processExited = false;
    this.processStderr = false;
    this.delay = 1e4;
    this.done = false;
    this.timeout = null;
    if (!toolPath) {
      throw new Error("toolPath must not be empty");
    }
    this.options = options;
    this.toolPath = toolPath;
    if (options.delay) {
      this.delay = options.delay;
    }
  }
  CheckComplete() {
    if (this.done) {
      return;
    }
    if (this.processClosed) {
      this._setResult();
    } else if (this.processExited) {
      this.timeout = (0, import_timers.setTimeout)(_ExecState.HandleTimeout, this.delay, this);
    }
  }
  _debug(message) {
    this.emit("debug", message);
  }
  _setResult() {
    let error2;
    if (this.processExited) {
      if (this.processError) {
        error2 = new Error(`There was an error when attempting to execute the process '${this.toolPath}'. This may indicate the process failed to start. Error: ${this.processError}`);
      } else if (this.processExitCode !== 0 && !this.options.ignoreReturnCode) {
        error2 = new Error(`The process '${this.toolPath}' failed with exit code ${this.processExitCode}`);
      } else if (this.processStderr && this.options.failOnStdErr) {
        error2 = new Error(`The process '${this.toolPath}' failed because one or more lines were written to the STDERR stream`);
      }
    }
    if (this.timeout) {
      clearTimeout(this.timeout);
      this.timeout = null;
    }
    this.done = true;
    this.emit("done", error2, this.processExitCode);
  }
  static HandleTimeout(state) {
    if (state.done) {
      return;
    }
    if (!state.processClosed && state.processExited) {
      const message = `The STDIO streams did not close within ${state.delay / 1e3} seconds of the exit event from process '${state.toolPath}'. This may indicate a child process inherited the STDIO streams and has not yet exited.`;
      state._debug(message);
    }
    state._setResult();
  }
};

// node_modules/@actions/exec/lib/exec.js
var __awaiter4 = function(thisArg, _arguments, P, generator) {
  function adopt(value) {
    return value instanceof P ? value : new P(function(resolve2) {
      resolve2(value);
    });
  }
  return new (P || (P = Promise))(function(resolve2, reject) {
    function fulfilled(value) {
      try {
        step(generator.next(value));
      } catch (e) {
        reject(e);
      }
    }
    function rejected(value) {
      try {
        step(generator["throw"](value));
      } catch (e) {
        reject(e);
      }
    }
    function step(result) {
      result.done ? resolve2(result.value) : adopt(result.value).then(fulfilled, rejected);
    }
    step((generator = generator.apply(thisArg, _arguments || [])).next());
  });
};
function exec(commandLine, args, options) {
  return __awaiter4(this, void 0, void 0, function* () {
    const commandArgs = argStringToArray(commandLine);
    if (commandArgs.length === 0) {
      throw new Error(`Parameter 'commandLine' cannot be null or empty.`);
    }
    const toolPath = commandArgs[0];
    args = commandArgs.slice(1).concat(args || []);
    const runner = new ToolRunner(toolPath, args, options);
    return runner.exec();
  });
}

// src/local.ts
init_lines();
var marker = "SLIPWAY_COMMAND";
var grace = 3e3;
function localRun(env2) {
  let count = 0;
  return async (command, options = {}) => {
    const mark2 = `${process.pid}.${++count}`;
    const ended = new AbortController();
    const cancel = () => endTree(mark2, ended.signal);
    const timer = options.timeout === void 0 ? void 0 : setTimeout(cancel, options.timeout);
    options.signal?.addEventListener("abort", cancel);
    try {
      if (options.signal?.aborted) return { code: null, stdout: "", stderr: "" };
      return await execute(command, { ...env2, ...command.env, [marker]: mark2 }, options);
    } finally {
      ended.abort();
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", cancel);
    }
  };
}
async function execute(command, env2, { onLine }) {
  const out = collect((line) => onLine?.(line, "stdout"));
  const err = collect((line) => onLine?.(line, "stderr"));
  const code = await exec(`"${command.file}"`, [...command.args], {
    env: env2,
    silent: true,
    ignoreReturnCode: true,
    ...command.stdin === void 0 ? {} : { input: Buffer.from(command.stdin) },
    listeners: { stdout: out.add, stderr: err.add }
  });
  return { code: code ?? null, stdout: out.end(), stderr: err.end() };
}
function collect(onLine) {
  const chunks = [];
  const lines = lineSplitter(onLine);
  return {
    add(chunk) {
      chunks.push(chunk);
      lines.write(chunk);
    },
    end() {
      lines.end();
      return Buffer.concat(chunks).toString("utf8");
    }
  };
}
function endTree(mark2, ended) {
  signalAll(mark2, "SIGINT");
  const timer = setTimeout(() => signalAll(mark2, "SIGKILL"), grace);
  ended.addEventListener("abort", () => clearTimeout(timer));
}
function signalAll(mark2, signal) {
  for (const pid of marked(mark2)) {
    try {
      process.kill(pid, signal);
    } catch {
    }
  }
}
function marked(mark2) {
  return entries("/proc").filter((name2) => /^\d+$/.test(name2) && environ(name2).includes(`${marker}=${mark2}`)).map(Number);
}
function entries(directory) {
  try {
    return (0, import_node_fs.readdirSync)(directory);
  } catch {
    return [];
  }
}
function environ(pid) {
  try {
    return (0, import_node_fs.readFileSync)(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}

// node_modules/@actions/core/lib/command.js
var os2 = __toESM(require("os"), 1);

// node_modules/@actions/core/lib/utils.js
function toCommandValue(input) {
  if (input === null || input === void 0) {
    return "";
  } else if (typeof input === "string" || input instanceof String) {
    return input;
  }
  return JSON.stringify(input);
}
function toCommandProperties(annotationProperties) {
  if (!Object.keys(annotationProperties).length) {
    return {};
  }
  return {
    title: annotationProperties.title,
    file: annotationProperties.file,
    line: annotationProperties.startLine,
    endLine: annotationProperties.endLine,
    col: annotationProperties.startColumn,
    endColumn: annotationProperties.endColumn
  };
}

// node_modules/@actions/core/lib/command.js
function issueCommand(command, properties, message) {
  const cmd = new Command(command, properties, message);
  process.stdout.write(cmd.toString() + os2.EOL);
}
function issue(name2, message = "") {
  issueCommand(name2, {}, message);
}
var CMD_STRING = "::";
var Command = class {
  constructor(command, properties, message) {
    if (!command) {
      command = "missing.command";
    }
    this.command = command;
    this.properties = properties;
    this.message = message;
  }
  toString() {
    let cmdStr = CMD_STRING + this.command;
    if (this.properties && Object.keys(this.properties).length > 0) {
      cmdStr += " ";
      let first = true;
      for (const key in this.properties) {
        if (this.properties.hasOwnProperty(key)) {
          const val = this.properties[key];
          if (val) {
            if (first) {
              first = false;
            } else {
              cmdStr += ",";
            }
            cmdStr += `${key}=${escapeProperty(val)}`;
          }
        }
      }
    }
    cmdStr += `${CMD_STRING}${escapeData(this.message)}`;
    return cmdStr;
  }
};
function escapeData(s) {
  return toCommandValue(s).replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}
function escapeProperty(s) {
  return toCommandValue(s).replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A").replace(/:/g, "%3A").replace(/,/g, "%2C");
}

// node_modules/@actions/core/lib/core.js
var os4 = __toESM(require("os"));

// node_modules/@actions/core/lib/summary.js
var import_os = require("os");
var import_fs = require("fs");
var __awaiter5 = function(thisArg, _arguments, P, generator) {
  function adopt(value) {
    return value instanceof P ? value : new P(function(resolve2) {
      resolve2(value);
    });
  }
  return new (P || (P = Promise))(function(resolve2, reject) {
    function fulfilled(value) {
      try {
        step(generator.next(value));
      } catch (e) {
        reject(e);
      }
    }
    function rejected(value) {
      try {
        step(generator["throw"](value));
      } catch (e) {
        reject(e);
      }
    }
    function step(result) {
      result.done ? resolve2(result.value) : adopt(result.value).then(fulfilled, rejected);
    }
    step((generator = generator.apply(thisArg, _arguments || [])).next());
  });
};
var { access, appendFile, writeFile } = import_fs.promises;
var SUMMARY_ENV_VAR = "GITHUB_STEP_SUMMARY";
var Summary = class {
  constructor() {
    this._buffer = "";
  }
  /**
   * Finds the summary file path from the environment, rejects if env var is not found or file does not exist
   * Also checks r/w permissions.
   *
   * @returns step summary file path
   */
  filePath() {
    return __awaiter5(this, void 0, void 0, function* () {
      if (this._filePath) {
        return this._filePath;
      }
      const pathFromEnv = process.env[SUMMARY_ENV_VAR];
      if (!pathFromEnv) {
        throw new Error(`Unable to find environment variable for $${SUMMARY_ENV_VAR}. Check if your runtime environment supports job summaries.`);
      }
      try {
        yield access(pathFromEnv, import_fs.constants.R_OK | import_fs.constants.W_OK);
      } catch (_a) {
        throw new Error(`Unable to access summary file: '${pathFromEnv}'. Check if the file has correct read/write permissions.`);
      }
      this._filePath = pathFromEnv;
      return this._filePath;
    });
  }
  /**
   * Wraps content in an HTML tag, adding any HTML attributes
   *
   * @param {string} tag HTML tag to wrap
   * @param {string | null} content content within the tag
   * @param {[attribute: string]: string} attrs key-value list of HTML attributes to add
   *
   * @returns {string} content wrapped in HTML element
   */
  wrap(tag, content, attrs = {}) {
    const htmlAttrs = Object.entries(attrs).map(([key, value]) => ` ${key}="${value}"`).join("");
    if (!content) {
      return `<${tag}${htmlAttrs}>`;
    }
    return `<${tag}${htmlAttrs}>${content}</${tag}>`;
  }
  /**
   * Writes text in the buffer to the summary buffer file and empties buffer. Will append by default.
   *
   * @param {SummaryWriteOptions} [options] (optional) options for write operation
   *
   * @returns {Promise<Summary>} summary instance
   */
  write(options) {
    return __awaiter5(this, void 0, void 0, function* () {
      const overwrite = !!(options === null || options === void 0 ? void 0 : options.overwrite);
      const filePath = yield this.filePath();
      const writeFunc = overwrite ? writeFile : appendFile;
      yield writeFunc(filePath, this._buffer, { encoding: "utf8" });
      return this.emptyBuffer();
    });
  }
  /**
   * Clears the summary buffer and wipes the summary file
   *
   * @returns {Summary} summary instance
   */
  clear() {
    return __awaiter5(this, void 0, void 0, function* () {
      return this.emptyBuffer().write({ overwrite: true });
    });
  }
  /**
   * Returns the current summary buffer as a string
   *
   * @returns {string} string of summary buffer
   */
  stringify() {
    return this._buffer;
  }
  /**
   * If the summary buffer is empty
   *
   * @returns {boolen} true if the buffer is empty
   */
  isEmptyBuffer() {
    return this._buffer.length === 0;
  }
  /**
   * Resets the summary buffer without writing to summary file
   *
   * @returns {Summary} summary instance
   */
  emptyBuffer() {
    this._buffer = "";
    return this;
  }
  /**
   * Adds raw text to the summary buffer
   *
   * @param {string} text content to add
   * @param {boolean} [addEOL=false] (optional) append an EOL to the raw text (default: false)
   *
   * @returns {Summary} summary instance
   */
  addRaw(text, addEOL = false) {
    this._buffer += text;
    return addEOL ? this.addEOL() : this;
  }
  /**
   * Adds the operating system-specific end-of-line marker to the buffer
   *
   * @returns {Summary} summary instance
   */
  addEOL() {
    return this.addRaw(import_os.EOL);
  }
  /**
   * Adds an HTML codeblock to the summary buffer
   *
   * @param {string} code content to render within fenced code block
   * @param {string} lang (optional) language to syntax highlight code
   *
   * @returns {Summary} summary instance
   */
  addCodeBlock(code, lang) {
    const attrs = Object.assign({}, lang && { lang });
    const element = this.wrap("pre", this.wrap("code", code), attrs);
    return this.addRaw(element).addEOL();
  }
  /**
   * Adds an HTML list to the summary buffer
   *
   * @param {string[]} items list of items to render
   * @param {boolean} [ordered=false] (optional) if the rendered list should be ordered or not (default: false)
   *
   * @returns {Summary} summary instance
   */
  addList(items, ordered = false) {
    const tag = ordered ? "ol" : "ul";
    const listItems = items.map((item) => this.wrap("li", item)).join("");
    const element = this.wrap(tag, listItems);
    return this.addRaw(element).addEOL();
  }
  /**
   * Adds an HTML table to the summary buffer
   *
   * @param {SummaryTableCell[]} rows table rows
   *
   * @returns {Summary} summary instance
   */
  addTable(rows) {
    const tableBody = rows.map((row) => {
      const cells = row.map((cell) => {
        if (typeof cell === "string") {
          return this.wrap("td", cell);
        }
        const { header, data, colspan, rowspan } = cell;
        const tag = header ? "th" : "td";
        const attrs = Object.assign(Object.assign({}, colspan && { colspan }), rowspan && { rowspan });
        return this.wrap(tag, data, attrs);
      }).join("");
      return this.wrap("tr", cells);
    }).join("");
    const element = this.wrap("table", tableBody);
    return this.addRaw(element).addEOL();
  }
  /**
   * Adds a collapsable HTML details element to the summary buffer
   *
   * @param {string} label text for the closed state
   * @param {string} content collapsable content
   *
   * @returns {Summary} summary instance
   */
  addDetails(label, content) {
    const element = this.wrap("details", this.wrap("summary", label) + content);
    return this.addRaw(element).addEOL();
  }
  /**
   * Adds an HTML image tag to the summary buffer
   *
   * @param {string} src path to the image you to embed
   * @param {string} alt text description of the image
   * @param {SummaryImageOptions} options (optional) addition image attributes
   *
   * @returns {Summary} summary instance
   */
  addImage(src, alt, options) {
    const { width, height } = options || {};
    const attrs = Object.assign(Object.assign({}, width && { width }), height && { height });
    const element = this.wrap("img", null, Object.assign({ src, alt }, attrs));
    return this.addRaw(element).addEOL();
  }
  /**
   * Adds an HTML section heading element
   *
   * @param {string} text heading text
   * @param {number | string} [level=1] (optional) the heading level, default: 1
   *
   * @returns {Summary} summary instance
   */
  addHeading(text, level) {
    const tag = `h${level}`;
    const allowedTag = ["h1", "h2", "h3", "h4", "h5", "h6"].includes(tag) ? tag : "h1";
    const element = this.wrap(allowedTag, text);
    return this.addRaw(element).addEOL();
  }
  /**
   * Adds an HTML thematic break (<hr>) to the summary buffer
   *
   * @returns {Summary} summary instance
   */
  addSeparator() {
    const element = this.wrap("hr", null);
    return this.addRaw(element).addEOL();
  }
  /**
   * Adds an HTML line break (<br>) to the summary buffer
   *
   * @returns {Summary} summary instance
   */
  addBreak() {
    const element = this.wrap("br", null);
    return this.addRaw(element).addEOL();
  }
  /**
   * Adds an HTML blockquote to the summary buffer
   *
   * @param {string} text quote text
   * @param {string} cite (optional) citation url
   *
   * @returns {Summary} summary instance
   */
  addQuote(text, cite) {
    const attrs = Object.assign({}, cite && { cite });
    const element = this.wrap("blockquote", text, attrs);
    return this.addRaw(element).addEOL();
  }
  /**
   * Adds an HTML anchor tag to the summary buffer
   *
   * @param {string} text link text/content
   * @param {string} href hyperlink
   *
   * @returns {Summary} summary instance
   */
  addLink(text, href) {
    const element = this.wrap("a", text, { href });
    return this.addRaw(element).addEOL();
  }
};
var _summary = new Summary();

// node_modules/@actions/core/lib/platform.js
var import_os2 = __toESM(require("os"), 1);
var platform = import_os2.default.platform();
var arch = import_os2.default.arch();

// node_modules/@actions/core/lib/core.js
var ExitCode;
(function(ExitCode2) {
  ExitCode2[ExitCode2["Success"] = 0] = "Success";
  ExitCode2[ExitCode2["Failure"] = 1] = "Failure";
})(ExitCode || (ExitCode = {}));
function setSecret(secret) {
  issueCommand("add-mask", {}, secret);
}
function error(message, properties = {}) {
  issueCommand("error", toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
function warning(message, properties = {}) {
  issueCommand("warning", toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
function notice(message, properties = {}) {
  issueCommand("notice", toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
function info(message) {
  process.stdout.write(message + os4.EOL);
}
function startGroup(name2) {
  issue("group", name2);
}
function endGroup() {
  issue("endgroup");
}
function getState(name2) {
  return process.env[`STATE_${name2}`] || "";
}

// src/log.ts
function inert(line) {
  const shown = line.replaceAll("##[", "# #[");
  return shown.trimStart().startsWith("::") ? `| ${shown}` : shown;
}
var annotation = ({ title, file, line } = {}) => ({
  ...title === void 0 ? {} : { title },
  ...file === void 0 ? {} : { file },
  ...line === void 0 ? {} : { startLine: line }
});
function runnerLog() {
  const secrets = new Secrets();
  return {
    async group(title, work) {
      startGroup(secrets.hide(title));
      try {
        return await work();
      } finally {
        endGroup();
      }
    },
    line: (text) => info(secrets.hide(text).split("\n").map(inert).join("\n")),
    foreign: (text) => info(inert(secrets.hide(text))),
    notice: (text, at2) => notice(secrets.hide(text), annotation(at2)),
    warning: (text, at2) => warning(secrets.hide(text), annotation(at2)),
    error: (text, at2) => error(secrets.hide(text), annotation(at2)),
    mask(secret) {
      if (secrets.add(secret)) setSecret(secret);
    }
  };
}
function plainLog(out) {
  const secrets = new Secrets();
  const write = (text) => out.write(`${secrets.hide(text)}
`);
  return {
    async group(title, work) {
      write(`
== ${title}`);
      return await work();
    },
    line: write,
    foreign: write,
    notice: (text) => write(`notice: ${text}`),
    warning: (text) => write(`warning: ${text}`),
    error: (text) => write(`error: ${text}`),
    mask: (secret) => void secrets.add(secret)
  };
}
var Secrets = class {
  #hidden = /* @__PURE__ */ new Set();
  /** False when there is nothing to hide. The lines of a key are secrets each; a short line would hide too much. */
  add(secret) {
    if (secret.trim() === "") return false;
    for (const line of [secret, ...secret.split(/\r?\n/)]) if (line.trim().length > 3) this.#hidden.add(line);
    return true;
  }
  hide(text) {
    let shown = text;
    for (const secret of this.#hidden) shown = shown.replaceAll(secret, "***");
    return shown;
  }
};

// src/state.ts
var name = "undo";
function remembered() {
  const text = getState(name);
  return text === "" ? [] : JSON.parse(text).reverse();
}

// src/undo.ts
var import_promises3 = require("node:fs/promises");

// src/build/create.ts
var removeCommand = (name2, keepState) => ({
  file: "docker",
  args: ["buildx", "rm", "--force", ...keepState ? ["--keep-state"] : [], name2]
});

// src/registry/lasting.ts
var import_promises2 = require("node:fs/promises");
var import_node_path2 = require("node:path");

// src/build/files.ts
init_errors();

// node_modules/csv-parse/lib/api/index.js
var boms = {
  // Note, the following are equals:
  // Buffer.from("\ufeff")
  // Buffer.from([239, 187, 191])
  // Buffer.from('EFBBBF', 'hex')
  utf8: Buffer.from([239, 187, 191]),
  // Note, the following are equals:
  // Buffer.from "\ufeff", 'utf16le
  // Buffer.from([255, 254])
  utf16le: Buffer.from([255, 254])
};

// src/build/result.ts
init_values();

// src/registry/config.ts
var import_promises = require("node:fs/promises");
var import_node_path = require("node:path");
init_errors();

// src/registry/hosts.ts
var dockerHub = "docker.io";
var configKey = (registry) => registry === dockerHub ? "https://index.docker.io/v1/" : registry;

// src/registry/config.ts
async function readConfig(directory) {
  const file = (0, import_node_path.join)(directory, "config.json");
  const text = await (0, import_promises.readFile)(file, "utf8").catch(() => "");
  try {
    return text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    throw new Failure("preflight", {
      cause: `The docker configuration \`${file}\` is no JSON.`,
      remedy: "Mend or remove it; docker would refuse it too."
    });
  }
}

// src/registry/lasting.ts
async function endLogin(run2, { registry, config, saved }) {
  const env2 = { DOCKER_CONFIG: config };
  await run2({ file: "docker", args: ["logout", registry], env: env2 });
  const entry = JSON.parse(await (0, import_promises2.readFile)(saved, "utf8").catch(() => "{}"));
  if (entry.kind === "store") {
    await run2({ file: `docker-credential-${entry.helper}`, args: ["store"], stdin: entry.credential ?? "" });
  }
  if (entry.kind === "file") await putBack(config, configKey(registry), entry.auth);
  await (0, import_promises2.rm)((0, import_node_path2.dirname)(saved), { recursive: true, force: true });
}
async function putBack(directory, key, auth) {
  const content = await readConfig(directory);
  const auths = { ...content["auths"], [key]: auth };
  const text = JSON.stringify({ ...content, auths }, void 0, "	");
  await (0, import_promises2.writeFile)((0, import_node_path2.join)(directory, "config.json"), text, { mode: 384 });
}

// src/undo.ts
async function undo(run2, record) {
  switch (record.kind) {
    case "directory":
      return await (0, import_promises3.rm)(record.path, { recursive: true, force: true });
    case "builder":
      await run2({ ...removeCommand(record.name, record.keepState), env: record.env });
      return;
    case "login":
      return await endLogin(run2, record);
    default:
      return record;
  }
}

// src/world.ts
var ownEnvironment = (env2) => Object.fromEntries(
  Object.entries(env2).flatMap(
    ([name2, value]) => value === void 0 || /^(?:INPUT|STATE)_/.test(name2) ? [] : [[name2, value]]
  )
);

// src/cleanup.ts
var inputs = readInputs(process.env);
var log = readContext(process.env, "").onRunner ? runnerLog() : plainLog(process.stdout);
for (const name2 of inputNames) if (isSecret(name2)) log.mask(inputs[name2]);
var env = ownEnvironment(process.env);
var run = localRun(env);
async function cleanUp() {
  for (const record of remembered()) {
    const ended = record.kind === "run" ? followToEnd2(record.path) : undo(run, record);
    await ended.catch((error2) => log.warning(`Cleaning up failed: ${String(error2)}`));
  }
}
async function followToEnd2(path4) {
  const { tellUnfinished: tellUnfinished2 } = await Promise.resolve().then(() => (init_unfinished(), unfinished_exports));
  await tellUnfinished2(path4, inputs, env, log);
}
void cleanUp();
