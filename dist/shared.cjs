var __create = Object.create;
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __getProtoOf = Object.getPrototypeOf;
var __hasOwnProp = Object.prototype.hasOwnProperty;
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
var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);
var shared_exports = {};
__export(shared_exports, {
  ExitCode: () => ExitCode,
  Failure: () => Failure,
  __callDispose: () => __callDispose,
  __using: () => __using,
  access: () => access,
  annotationLines: () => annotationLines,
  apiHost: () => apiHost,
  architectureOf: () => architectureOf,
  asksForDigest: () => asksForDigest,
  at: () => at,
  attributes: () => attributes,
  boolean: () => boolean,
  brings: () => brings,
  cacheFromArguments: () => cacheFromArguments,
  cacheScope: () => cacheScope,
  cacheToArguments: () => cacheToArguments,
  chmod: () => chmod,
  commitTag: () => commitTag,
  configKey: () => configKey,
  createHash: () => createHash,
  createPrivateKey: () => createPrivateKey,
  decrypt: () => decrypt,
  dockerHub: () => dockerHub,
  ecrRemedy: () => ecrRemedy,
  emulatorOf: () => emulatorOf,
  explainUnknown: () => explainUnknown,
  exportVariable: () => exportVariable,
  exportsTo: () => exportsTo,
  familiar: () => familiar,
  fillContext: () => fillContext,
  fingerprint: () => fingerprint,
  forgetRun: () => forgetRun,
  formatLocation: () => formatLocation,
  formatReference: () => formatReference,
  formatTarget: () => formatTarget,
  inputNames: () => inputNames,
  integer: () => integer,
  isAttested: () => isAttested,
  isByDigest: () => isByDigest,
  isDigest: () => isDigest,
  isNative: () => isNative,
  isOwnRegistry: () => isOwnRegistry,
  isProblem: () => isProblem,
  isRemote: () => isRemote,
  isSecret: () => isSecret,
  isTag: () => isTag,
  knownHostsLine: () => knownHostsLine,
  knownKeyTypes: () => knownKeyTypes,
  lastLines: () => lastLines,
  lineSplitter: () => lineSplitter,
  lines: () => lines,
  list: () => list,
  localRun: () => localRun,
  matchHostKey: () => matchHostKey,
  metadataOutputs: () => metadataOutputs,
  metadataVariables: () => metadataVariables,
  missingPassphrase: () => missingPassphrase,
  mkdir: () => mkdir,
  mkdtemp: () => mkdtemp,
  nearest: () => nearest,
  needsEcrLogin: () => needsEcrLogin,
  noFindings: () => noFindings,
  normalize: () => normalize,
  open: () => open,
  openDeployment: () => openDeployment,
  ownEnvironment: () => ownEnvironment,
  parseReference: () => parseReference,
  pinnedQemu: () => pinnedQemu,
  plainLog: () => plainLog,
  planAttestations: () => planAttestations,
  planBring: () => planBring,
  planBuilder: () => planBuilder,
  planCache: () => planCache,
  planDeployment: () => planDeployment,
  planPlatforms: () => planPlatforms,
  planResult: () => planResult,
  planSource: () => planSource,
  planSsh: () => planSsh,
  privatePartOf: () => privatePartOf,
  publicKeyType: () => publicKeyType,
  pushes: () => pushes,
  randomBytes: () => randomBytes,
  readContext: () => readContext,
  readFile: () => readFile,
  readInputs: () => readInputs,
  readOpenSshKey: () => readOpenSshKey,
  readdir: () => readdir,
  realpath: () => realpath,
  records: () => records,
  registryHost: () => registryHost,
  registryOf: () => registryOf,
  remember: () => remember,
  remembered: () => remembered,
  repairKey: () => repairKey,
  repositoryName: () => repositoryName,
  requireDockerfile: () => requireDockerfile,
  revisionOf: () => revisionOf,
  rm: () => rm,
  runnerLog: () => runnerLog,
  sameRepository: () => sameRepository,
  seconds: () => seconds,
  secretsOf: () => secretsOf,
  setOutputs: () => setOutputs,
  sourceArgument: () => sourceArgument,
  stat: () => stat,
  stopwatch: () => stopwatch,
  substituteMeta: () => substituteMeta,
  symlink: () => symlink,
  tagRule: () => tagRule,
  together: () => together,
  trustOf: () => trustOf,
  unknownInputs: () => unknownInputs,
  wireString: () => wireString,
  writeFile: () => writeFile,
  writeOpenSshKey: () => writeOpenSshKey
});
module.exports = __toCommonJS(shared_exports);
var os = require("os");
var fs = require("fs");
var os2 = require("os");
var os3 = require("os");
var import_node_fs = require("node:fs");
var import_node_path = require("node:path");
var import_node_path2 = require("node:path");
var import_node_path3 = require("node:path");
var import_promises = require("node:timers/promises");
var import_node_net = require("node:net");
var import_node_url = require("node:url");
var import_node_string_decoder = require("node:string_decoder");
var import_node_fs2 = require("node:fs");
var __knownSymbol = (name2, symbol) => (symbol = Symbol[name2]) ? symbol : /* @__PURE__ */ Symbol.for("Symbol." + name2);
var __typeError = (msg) => {
  throw TypeError(msg);
};
var __require = /* @__PURE__ */ ((x) => typeof require !== "undefined" ? require : typeof Proxy !== "undefined" ? new Proxy(x, {
  get: (a, b) => (typeof require !== "undefined" ? require : a)[b]
}) : x)(function(x) {
  if (typeof require !== "undefined") return require.apply(this, arguments);
  throw Error('Dynamic require of "' + x + '" is not supported');
});
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

// node_modules/@actions/core/lib/command.js

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
  process.stdout.write(cmd.toString() + os.EOL);
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

// deferred:node:crypto
var createDecipheriv = (...args) => process.getBuiltinModule("node:crypto").createDecipheriv(...args);
var createHash = (...args) => process.getBuiltinModule("node:crypto").createHash(...args);
var createHmac = (...args) => process.getBuiltinModule("node:crypto").createHmac(...args);
var createPrivateKey = (...args) => process.getBuiltinModule("node:crypto").createPrivateKey(...args);
var randomBytes = (...args) => process.getBuiltinModule("node:crypto").randomBytes(...args);
var randomUUID = (...args) => process.getBuiltinModule("node:crypto").randomUUID(...args);
var timingSafeEqual = (...args) => process.getBuiltinModule("node:crypto").timingSafeEqual(...args);

// node_modules/@actions/core/lib/file-command.js
function issueFileCommand(command, message) {
  const filePath = process.env[`GITHUB_${command}`];
  if (!filePath) {
    throw new Error(`Unable to find environment variable for file command ${command}`);
  }
  if (!fs.existsSync(filePath)) {
    throw new Error(`Missing file at path: ${filePath}`);
  }
  fs.appendFileSync(filePath, `${toCommandValue(message)}${os2.EOL}`, {
    encoding: "utf8"
  });
}
function prepareKeyValueMessage(key, value) {
  const delimiter = `ghadelimiter_${randomUUID()}`;
  const convertedValue = toCommandValue(value);
  if (key.includes(delimiter)) {
    throw new Error(`Unexpected input: name should not contain the delimiter "${delimiter}"`);
  }
  if (convertedValue.includes(delimiter)) {
    throw new Error(`Unexpected input: value should not contain the delimiter "${delimiter}"`);
  }
  return `${key}<<${delimiter}${os2.EOL}${convertedValue}${os2.EOL}${delimiter}`;
}

// node_modules/@actions/core/lib/core.js
var ExitCode;
(function(ExitCode2) {
  ExitCode2[ExitCode2["Success"] = 0] = "Success";
  ExitCode2[ExitCode2["Failure"] = 1] = "Failure";
})(ExitCode || (ExitCode = {}));
function exportVariable(name2, val) {
  const convertedVal = toCommandValue(val);
  process.env[name2] = convertedVal;
  const filePath = process.env["GITHUB_ENV"] || "";
  if (filePath) {
    return issueFileCommand("ENV", prepareKeyValueMessage(name2, val));
  }
  issueCommand("set-env", { name: name2 }, convertedVal);
}
function setSecret(secret) {
  issueCommand("add-mask", {}, secret);
}
function setOutput(name2, value) {
  const filePath = process.env["GITHUB_OUTPUT"] || "";
  if (filePath) {
    return issueFileCommand("OUTPUT", prepareKeyValueMessage(name2, value));
  }
  process.stdout.write(os3.EOL);
  issueCommand("set-output", { name: name2 }, toCommandValue(value));
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
  process.stdout.write(message + os3.EOL);
}
function startGroup(name2) {
  issue("group", name2);
}
function endGroup() {
  issue("endgroup");
}
function saveState(name2, value) {
  const filePath = process.env["GITHUB_STATE"] || "";
  if (filePath) {
    return issueFileCommand("STATE", prepareKeyValueMessage(name2, value));
  }
  issueCommand("save-state", { name: name2 }, toCommandValue(value));
}
function getState(name2) {
  return process.env[`STATE_${name2}`] || "";
}

// src/github/context.ts
function readContext(env, event) {
  return {
    eventName: env["GITHUB_EVENT_NAME"] ?? "",
    ref: env["GITHUB_REF"] ?? "",
    sha: env["GITHUB_SHA"] ?? "",
    headRef: env["GITHUB_HEAD_REF"] ?? "",
    baseRef: env["GITHUB_BASE_REF"] ?? "",
    repository: env["GITHUB_REPOSITORY"] ?? "",
    actor: env["GITHUB_ACTOR"] ?? "",
    workflow: env["GITHUB_WORKFLOW"] ?? "",
    job: env["GITHUB_JOB"] ?? "",
    runId: env["GITHUB_RUN_ID"] ?? "",
    runNumber: Number(env["GITHUB_RUN_NUMBER"] ?? 0),
    runAttempt: Number(env["GITHUB_RUN_ATTEMPT"] ?? 1),
    serverUrl: env["GITHUB_SERVER_URL"] ?? "https://github.com",
    apiUrl: env["GITHUB_API_URL"] ?? "https://api.github.com",
    workspace: env["GITHUB_WORKSPACE"] ?? process.cwd(),
    temp: env["RUNNER_TEMP"] ?? "",
    payload: event === "" ? {} : JSON.parse(event),
    onRunner: env["GITHUB_ACTIONS"] === "true"
  };
}
function at(value, ...path) {
  return path.reduce(
    (found, key) => typeof found === "object" && found !== null ? found[key] : void 0,
    value
  );
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
  "hook-timeout": {},
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
function readInputs(env) {
  return Object.fromEntries(inputNames.map((name2) => [name2, (env[variable(name2)] ?? "").trim()]));
}
function unknownInputs(env) {
  const known = new Set(inputNames.map(variable));
  return Object.keys(env).filter((name2) => name2.startsWith("INPUT_") && name2 !== "INPUT_" && !known.has(name2)).map((name2) => name2.slice("INPUT_".length).toLowerCase());
}

// src/findings.ts
var noFindings = () => ({ problems: [], warnings: [] });

// src/errors.ts
var Failure = class extends Error {
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
function lastLines(text2, count = 20) {
  return text2.trimEnd().split("\n").slice(-count).join("\n");
}

// src/stages.ts
function stopwatch(now = Date.now) {
  const stages = [];
  return {
    stages,
    async time(title, work) {
      const begin = now();
      let failed = true;
      try {
        const value = await work();
        failed = false;
        return value;
      } finally {
        stages.push({ title, begin, end: now(), failed });
      }
    }
  };
}
async function together(work) {
  const ends2 = await Promise.allSettled(work);
  const reasons = ends2.flatMap((end) => end.status === "rejected" ? [end.reason] : []);
  const failures = reasons.filter((reason) => reason instanceof Failure);
  const fault = reasons.find((reason) => !(reason instanceof Failure));
  if (fault !== void 0) throw fault;
  const [first] = failures;
  if (first !== void 0) throw failures.length === 1 ? first : new Failure(first.stage, distinct(failures));
  return ends2.map((end) => end.status === "fulfilled" ? end.value : void 0);
}
function distinct(failures) {
  const seen = new Map(failures.flatMap(({ problems }) => problems).map((problem2) => [problem2.cause, problem2]));
  return [...seen.values()];
}

// deferred:csv-parse/sync
var parse = (...args) => __require("./vendor/csv-parse-sync.cjs").parse(...args);

// src/lists.ts
var lines = (text2) => text2.split(/\r\n|\r|\n/).map((line) => line.trim()).filter((line) => line !== "");
function list(text2, input, findings, syntax = {}) {
  const entries3 = records(text2, input, findings, syntax).flatMap(
    (cells2) => syntax.wholeLines === true ? [cells2.join(",")] : cells2
  );
  const kept = syntax.keepBlanks === true ? entries3 : entries3.map((entry) => entry.trim());
  return kept.filter((entry) => entry.trim() !== "");
}
function records(text2, input, findings, syntax = {}) {
  const quoted = syntax.keepQuotes !== true && text2.includes('"');
  const found = quoted ? quotedRecords(text2, input, findings, syntax) : plainRecords(text2);
  return found.filter((cells2) => cells2.some((cell2) => cell2.trim() !== "") && !isComment(cells2, syntax));
}
var isComment = ([first = ""], { comments }) => comments === true && first.trimStart().startsWith("#");
var plainRecords = (text2) => text2.split(/\r\n|\r|\n/).map((line) => line.split(","));
function quotedRecords(text2, input, findings, { comments }) {
  try {
    return parse(text2, {
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      ...comments === true ? { comment: "#", comment_no_infix: true } : {}
    });
  } catch {
    findings.problems.push({
      input,
      cause: `\`${input}\` has a cell whose quote is never closed.`,
      remedy: 'A cell that begins with `"` ends with one, and a quote inside it is written twice.'
    });
    return [];
  }
}

// src/bring/inside.ts
var inside = (path) => !path.startsWith("/") && path !== ".." && !path.startsWith("../") && !/^\.slipway(?:\/|$)/.test(path);

// src/bring/files.ts

// deferred:node:fs/promises
var access = (...args) => process.getBuiltinModule("node:fs/promises").access(...args);
var chmod = (...args) => process.getBuiltinModule("node:fs/promises").chmod(...args);
var glob = (...args) => process.getBuiltinModule("node:fs/promises").glob(...args);
var mkdir = (...args) => process.getBuiltinModule("node:fs/promises").mkdir(...args);
var mkdtemp = (...args) => process.getBuiltinModule("node:fs/promises").mkdtemp(...args);
var open = (...args) => process.getBuiltinModule("node:fs/promises").open(...args);
var readFile = (...args) => process.getBuiltinModule("node:fs/promises").readFile(...args);
var readdir = (...args) => process.getBuiltinModule("node:fs/promises").readdir(...args);
var realpath = (...args) => process.getBuiltinModule("node:fs/promises").realpath(...args);
var rm = (...args) => process.getBuiltinModule("node:fs/promises").rm(...args);
var stat = (...args) => process.getBuiltinModule("node:fs/promises").stat(...args);
var symlink = (...args) => process.getBuiltinModule("node:fs/promises").symlink(...args);
var writeFile = (...args) => process.getBuiltinModule("node:fs/promises").writeFile(...args);

// src/bring/files.ts
async function findFiles(text2, workspace, findings) {
  const found = /* @__PURE__ */ new Map();
  for (const line of lines(text2)) {
    const [local = "", remote, ...more] = line.split(/\s+->\s+/);
    const from = import_node_path.posix.normalize(local);
    const to = remote === void 0 ? void 0 : import_node_path.posix.normalize(remote);
    if (more.length > 0 || !inside(from) || to !== void 0 && !inside(to) || !(0, import_node_fs.existsSync)(workspace)) {
      findings.problems.push(outside(line));
      continue;
    }
    const files = await filesOf(from, to, workspace);
    if (files.length === 0) findings.problems.push(nothing(line, workspace));
    for (const file of files) take(file, found, workspace, findings);
  }
  refuseBoth(found, findings);
  return [...found.values()].sort((one, other) => one.remote < other.remote ? -1 : 1);
}
var outside = (line) => ({
  input: "files",
  cause: `\`files\` has \`${line}\`, whose path leaves the workspace or \`project-directory\`.`,
  remedy: "Write `local` or `local -> remote`, both relative and without a way out (`..`)."
});
var nothing = (line, workspace) => ({
  input: "files",
  cause: `\`files\` has \`${line}\`, and there is no such file in the workspace (\`${workspace}\`).`,
  remedy: "Is the repository checked out, and does the path start at its root?"
});
async function filesOf(from, to, workspace) {
  const path = (0, import_node_path.join)(workspace, from);
  const state = statOf(path);
  if (state?.isFile()) {
    const remote = to === void 0 ? from : to === "." || to.endsWith("/") ? (0, import_node_path.join)(to, import_node_path.posix.basename(from)) : to;
    return [{ local: path, remote: import_node_path.posix.normalize(remote) }];
  }
  const start = state?.isDirectory() ? from : fixedPart(from);
  const matches2 = state?.isDirectory() ? await filesIn(path) : await matchesOf(from, workspace);
  return matches2.map((local) => {
    const rest = (0, import_node_path.relative)((0, import_node_path.join)(workspace, start), local).split(import_node_path.sep).join("/");
    return { local, remote: import_node_path.posix.normalize(import_node_path.posix.join(to ?? start, rest)) };
  });
}
function fixedPart(pattern) {
  const parts = pattern.split("/");
  const wild = parts.findIndex((part) => /[*?[\]{}!]/.test(part));
  return parts.slice(0, wild < 0 ? -1 : wild).join("/") || ".";
}
var isOwn = (path) => !/(?:^|\/)\.git(?:\/|$)/.test(path);
async function filesIn(directory) {
  const entries3 = await readdir(directory, { recursive: true });
  return entries3.filter(isOwn).map((entry) => (0, import_node_path.join)(directory, entry)).filter(isFile);
}
async function matchesOf(pattern, workspace) {
  const found = [];
  for await (const entry of glob(pattern, { cwd: workspace }))
    if (isOwn(entry)) found.push((0, import_node_path.join)(workspace, entry));
  return found.filter(isFile);
}
var isFile = (path) => statOf(path)?.isFile() === true;
var statOf = (path) => (0, import_node_fs.statSync)(path, { throwIfNoEntry: false });
function take(file, found, workspace, { problems }) {
  const { local, remote } = file;
  const real = (0, import_node_path.relative)((0, import_node_fs.realpathSync)(workspace), (0, import_node_fs.realpathSync)(local));
  const other = found.get(remote);
  if (real.startsWith("..") || !inside(remote)) problems.push(outside((0, import_node_path.relative)(workspace, local)));
  else if (hasControl(remote)) {
    problems.push({
      input: "files",
      cause: `\`files\` brings ${JSON.stringify(remote)}, whose name has a control character or a backslash.`,
      remedy: "Give it another name."
    });
  } else if (other !== void 0 && other.local !== local) {
    problems.push({
      input: "files",
      cause: `\`files\` brings both \`${(0, import_node_path.relative)(workspace, other.local)}\` and \`${(0, import_node_path.relative)(workspace, local)}\` to \`${remote}\`.`,
      remedy: "Give each a place of its own."
    });
  } else {
    const { mode, size } = (0, import_node_fs.statSync)(local);
    found.set(remote, { ...file, mode: mode & 511, size });
  }
}
var hasControl = (name2) => [...name2].some((char) => char < " " || char === "" || char === "\\");
function refuseBoth(found, { problems }) {
  for (const remote of found.keys()) {
    const above = import_node_path.posix.dirname(remote);
    if (!found.has(above)) continue;
    problems.push({
      input: "files",
      cause: `\`files\` brings \`${above}\` as a file, and \`${remote}\` into it.`,
      remedy: "Give one of them another place."
    });
  }
}

// src/values.ts
function boolean(inputs, input, findings, fallback) {
  const text2 = inputs[input] ?? "";
  if (text2 === "") return fallback;
  if (/^(?:true|True|TRUE)$/.test(text2)) return true;
  if (!/^(?:false|False|FALSE)$/.test(text2)) {
    findings.problems.push({
      input,
      cause: `\`${input}\` is \`${text2}\`, which is neither true nor false.`,
      remedy: "Write `true` or `false`."
    });
    return fallback;
  }
  return false;
}
function integer(inputs, input, findings, bounds) {
  const text2 = inputs[input] ?? "";
  if (text2 === "") return bounds.fallback;
  if (/^[+-]?[0-9]+$/.test(text2)) return bounded(Number(text2), text2, input, findings, bounds);
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${text2}\`, which is not a whole number.`,
    remedy: "Write it in digits."
  });
  return bounds.fallback;
}
var unit = { "": 1, s: 1, m: 60, h: 3600 };
function seconds(inputs, input, findings, bounds) {
  const text2 = inputs[input] ?? "";
  if (text2 === "") return bounds.fallback;
  if (/^[0-9]+$|^(?=[0-9])(?:[0-9]+h)?(?:[0-9]+m)?(?:[0-9]+s)?$/.test(text2)) {
    const total = [...text2.matchAll(/([0-9]+)([hms]?)/g)].reduce(
      (sum, [, count, name2 = ""]) => sum + Number(count) * (unit[name2] ?? 1),
      0
    );
    return bounded(total, text2, input, findings, bounds);
  }
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${text2}\`, which is not a duration.`,
    remedy: "Write seconds (`120`), or a number with its unit (`90s`, `2m`, `1h30m`)."
  });
  return bounds.fallback;
}
function bounded(value, text2, input, findings, bounds) {
  const { min = 0, max = Number.MAX_SAFE_INTEGER, fallback } = bounds;
  if (value >= min && value <= max) return value;
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${text2}\`, which is ${value < min ? `less than ${min}` : `more than ${max}`}.`,
    remedy: `Give ${max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `${min} to ${max}`}.`
  });
  return fallback;
}

// src/bring/words.ts
function splitWords(line) {
  const words = [];
  let word;
  let rest = line;
  while (rest !== "") {
    const [piece = "", blank, single, double, char] = piecePattern.exec(rest) ?? [];
    if (piece === "") return void 0;
    rest = rest.slice(piece.length);
    if (blank !== void 0) {
      if (word !== void 0) words.push(word);
      word = void 0;
    } else {
      word = (word ?? "") + (single ?? double?.replaceAll(/\\(["\\$`])/g, "$1") ?? char?.replace(/^\\/, ""));
    }
  }
  return word === void 0 ? words : [...words, word];
}
var piecePattern = /^(?:(\s+)|'([^']*)'|"((?:[^"\\]|\\.)*)"|(\\.|[^'"\\]))/s;

// src/bring/hooks.ts
var planHooks = (inputs, findings) => ({
  runBefore: runHooks(inputs, "run-before", findings),
  runAfter: runHooks(inputs, "run-after", findings),
  hostBefore: lines(inputs["host-before"]),
  hostAfter: lines(inputs["host-after"]),
  timeout: seconds(inputs, "hook-timeout", findings, { fallback: 600, min: 1, max: 6 * 3600 })
});
function runHooks(inputs, input, findings) {
  return lines(inputs[input]).flatMap((line) => {
    const [service, ...words] = splitWords(line) ?? [];
    if (service !== void 0 && words.length > 0 && /^[a-zA-Z0-9._-]+$/.test(service))
      return [{ service, words }];
    findings.problems.push({
      input,
      cause: `\`${input}\` has \`${line}\`, which is no service with a command.`,
      remedy: "Write `service command`, with quotes around words that hold blanks: `web bin/migrate --all`."
    });
    return [];
  });
}

// src/bring/settings.ts
function parseSettings(text2, findings) {
  const rest = text2.match(/[^\n]*\n|[^\n]+/g) ?? [];
  const settings = /* @__PURE__ */ new Map();
  for (let number = 1; rest.length > 0; number += 1) {
    const line = bare(rest.shift());
    const before = rest.length;
    if (line.trim() === "" || line.trimStart().startsWith("#")) continue;
    const setting = readOne(line, rest);
    if (typeof setting === "string") findings.problems.push(unreadable(number, setting));
    else if (settings.has(setting.name)) findings.problems.push(twice(setting.name));
    else settings.set(setting.name, setting.value);
    number += before - rest.length;
  }
  return [...settings].map(([name2, value]) => ({ name: name2, value }));
}
var bare = (line = "") => line.replace(/\r?\n$/, "");
function readOne(line, rest) {
  const [, name2 = "", operator, text2 = ""] = /^\s*([A-Za-z_][A-Za-z0-9_]*)(=|<<)(.*)$/.exec(line) ?? [];
  if (operator === void 0) return "it is neither `NAME=value` nor `NAME<<EOF`";
  if (text2.includes("\0")) return `the value of \`${name2}\` holds a NUL`;
  if (operator === "=") return { name: name2, value: text2 };
  const end = rest.findIndex((line2) => bare(line2) === text2.trim());
  if (text2.trim() === "") return `\`${name2}<<\` names no word that ends the value`;
  if (end < 0) return `the value of \`${name2}\` is not ended by a line \`${text2.trim()}\``;
  return {
    name: name2,
    value: bare(
      rest.splice(0, end + 1).slice(0, -1).join("")
    )
  };
}
var unreadable = (line, why) => ({
  input: "env",
  cause: `Line ${line} of \`env\` cannot be read: ${why}.`,
  remedy: "Write `NAME=value` on a line of its own; a value of several lines as `NAME<<EOF`, its lines, `EOF`."
});
var twice = (name2) => ({
  input: "env",
  cause: `\`env\` sets \`${name2}\` twice.`,
  remedy: "Leave one of them out."
});
var secretsOf = ({ value }) => [value, ...value.split("\n")].map((text2) => text2.trim()).filter((text2) => text2.length > 3 && !/^(?:true|false|\d{1,5})$/i.test(text2));

// src/bring/plan.ts
var brings = ({ files, settings }) => files.length > 0 || settings.length > 0;
async function planBring(inputs, workspace, findings) {
  return {
    files: await findFiles(inputs.files, workspace, findings),
    settings: parseSettings(inputs.env, findings),
    envFile: planEnvFile(inputs["env-file"], findings),
    hooks: planHooks(inputs, findings),
    allowOlder: /^true$/i.test(inputs["allow-older"])
  };
}
function planEnvFile(text2, { problems }) {
  const path = import_node_path2.posix.normalize(text2 === "" ? ".env" : text2);
  if (!inside(path) || path.endsWith("/")) {
    problems.push({
      input: "env-file",
      cause: `\`env-file\` is \`${text2}\`, which is no file of \`project-directory\`.`,
      remedy: "Write a path that is relative to `project-directory` and stays in it."
    });
  }
  return path;
}

// src/build/attributes.ts
function attributes(text2) {
  return Object.fromEntries(
    cells(text2).map((cell2) => {
      const equals = cell2.indexOf("=");
      if (equals === -1) return [cell2.trim().toLowerCase(), ""];
      return [cell2.slice(0, equals).trim().toLowerCase(), cell2.slice(equals + 1).trim()];
    })
  );
}
var isTrue = (text2) => /^(?:1|t|true)$/i.test(text2.trim());
var isBoolean = (text2) => isTrue(text2) || /^(?:0|f|false)$/i.test(text2.trim());
function cells(text2) {
  if (!text2.includes('"')) return text2.split(",");
  try {
    return parse(text2, { relax_quotes: true, relax_column_count: true })[0] ?? [];
  } catch {
    return text2.split(",");
  }
}

// src/github/trust.ts
function trustOf(context) {
  const { eventName, actor, payload } = context;
  if (eventName === "pull_request" || eventName.startsWith("pull_request_review")) {
    if (isFork(at(payload, "pull_request", "head", "repo", "full_name"), context)) return "fork";
  }
  if (eventName === "pull_request_target") {
    if (isFork(at(payload, "pull_request", "head", "repo", "full_name"), context)) return "fork-with-secrets";
  }
  if (eventName === "workflow_run") {
    if (isFork(at(payload, "workflow_run", "head_repository", "full_name"), context))
      return "fork-with-secrets";
  }
  return actor === "dependabot[bot]" && eventName !== "workflow_dispatch" ? "dependabot" : "own";
}
var isFork = (head, { repository, payload }) => (head !== void 0 || at(payload, "pull_request") !== void 0) && String(head).toLowerCase() !== repository.toLowerCase();

// src/build/result.ts
function planResult(inputs, context, findings) {
  const outputs = list(inputs.outputs, "outputs", findings, { wholeLines: true, keepQuotes: true });
  const load = boolean(inputs, "load", findings, false);
  const method = inputs.call === "build" ? "" : inputs.call;
  const elsewhere2 = load || outputs.length > 0 || method !== "";
  const asked = inputs.push === "" ? void 0 : boolean(inputs, "push", findings, true);
  if (method !== "") {
    refuseWithCall({ push: asked === true, load, outputs: outputs.length > 0 }, method, findings);
    return { kind: "call", method };
  }
  const allowed = mayPush(asked, context, findings);
  const kept = allowed ? outputs : outputs.filter((each) => !isPushed(each));
  const push = allowed && (asked ?? !elsewhere2);
  return { kind: "image", push, load, outputs: kept, byDigest: kept.some(asksForDigest) };
}
var isByDigest = (result) => result.kind === "image" && result.byDigest;
var asksForDigest = (output) => isOn(attributes(output)["push-by-digest"]);
var isOn = (value) => value !== void 0 && (value === "" || isTrue(value));
function refuseWithCall(given, method, findings) {
  for (const input of ["push", "load", "outputs"].filter((name2) => given[name2])) {
    findings.problems.push({
      input,
      cause: `\`${input}\` is given together with \`call: ${method}\`, which builds nothing.`,
      remedy: `Leave out \`${input}\` or \`call\`.`
    });
  }
}
function mayPush(asked, context, findings) {
  const trust = trustOf(context);
  if (trust === "own") return true;
  if (trust === "fork-with-secrets") {
    if (asked === void 0) findings.warnings.push(forkWithSecrets);
    return asked === true;
  }
  if (asked !== false) findings.warnings.push(untrusted[trust]);
  return false;
}
var forkWithSecrets = "This pull_request_target run is for a fork: nothing is pushed unless `push: true` says so.";
var untrusted = {
  fork: "This pull request comes from a fork, which gets no secrets: nothing is pushed.",
  dependabot: "This run was started by Dependabot, which gets no secrets: nothing is pushed."
};
function pushes(result) {
  if (result.kind === "call") return false;
  return result.push || result.outputs.some(isPushed);
}
function isPushed(output) {
  const { type, push } = attributes(output);
  return type === "registry" || type === "image" && isOn(push);
}
function exportsTo(result, type) {
  if (result.kind === "call") return false;
  if (type === "docker" && result.load) return true;
  return result.outputs.some((output) => exporterType(output) === type);
}
function exporterType(output) {
  if (output === "-") return "tar";
  return output.includes("=") ? attributes(output)["type"] ?? "" : "local";
}

// src/build/attestations.ts
function planAttestations(inputs, context, { result, env }, findings) {
  const given = list(inputs.attests, "attests", findings, { wholeLines: true });
  const others = given.filter((each) => {
    const { type } = attributes(each);
    return !(type === "provenance" && inputs.provenance !== "") && !(type === "sbom" && inputs.sbom !== "");
  });
  const asked = [
    ...inputs.provenance === "" ? [] : [attest("provenance", withBuilderId(inputs.provenance, context))],
    ...inputs.sbom === "" ? [] : [attest("sbom", inputs.sbom)],
    ...others.map(resolveSwitches)
  ];
  if (asked.some((each) => attributes(each)["type"] === "provenance")) return asked;
  return [...byDefault(context, result, env), ...asked];
}
function byDefault(context, result, env) {
  const off = isTrue(env["BUILDX_NO_DEFAULT_ATTESTATIONS"] ?? "");
  if (off || result.kind === "call" || exportsTo(result, "docker")) return [];
  if (!result.push && result.outputs.length === 0) return [];
  const open2 = at(context.payload, "repository", "private") === false;
  return [attest("provenance", withBuilderId(open2 ? "mode=max" : "mode=min,inline-only=true", context))];
}
var attest = (type, value) => resolveSwitches(`type=${type},${value}`);
var resolveSwitches = (text2) => text2.split(",").map((cell2) => isBoolean(cell2) ? `disabled=${!isTrue(cell2)}` : cell2).join(",");
function withBuilderId(value, context) {
  if (isBoolean(value)) return isTrue(value) ? builderId(context) : "false";
  return attributes(value)["builder-id"] === void 0 ? `${value},${builderId(context)}` : value;
}
var builderId = ({ serverUrl, repository, runId, runAttempt }) => `builder-id=${serverUrl}/${repository}/actions/runs/${runId}/attempts/${runAttempt}`;
var isAttested = (attests) => attests.some((each) => attributes(each)["disabled"] !== "true");

// src/build/platforms.ts
var aliases = {
  x86_64: "amd64",
  "x86-64": "amd64",
  aarch64: "arm64",
  armhf: "arm/v7",
  armv7l: "arm/v7",
  armel: "arm/v6",
  armv6l: "arm/v6",
  i386: "386",
  i686: "386"
};
function planPlatforms(text2, findings) {
  const platforms = list(text2, "platforms", findings).map(normalize);
  for (const platform of platforms.filter((each) => !isPlatform(each))) {
    findings.problems.push({
      input: "platforms",
      cause: `\`platforms\` names \`${platform}\`, which is no platform.`,
      remedy: "Write the platforms of the image, such as `linux/amd64,linux/arm64`."
    });
  }
  return [...new Set(platforms)];
}
var architectures = [
  ...["amd64", "arm64", "arm", "386", "riscv64", "ppc64le", "ppc64", "s390x", "loong64", "wasm"],
  ...["mips", "mipsle", "mips64", "mips64le"]
];
function normalize(text2) {
  const [first = "", ...rest] = text2.toLowerCase().split("/");
  const architecture = aliases[first] ?? first;
  if (architectures.includes(architecture.split("/")[0] ?? ""))
    return ["linux", architecture, ...rest].join("/");
  const [second, ...variant] = rest;
  return [first, ...second === void 0 ? [] : [aliases[second] ?? second], ...variant].join("/");
}
var isPlatform = (text2) => text2 === "local" || /^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9.]+)?$/.test(text2);
var alsoNative = {
  amd64: ["386"],
  arm64: ["arm"],
  arm: ["arm"]
};
function isNative(platform, machine) {
  if (platform === "local") return true;
  const [system, architecture = ""] = platform.split("/");
  const [ownSystem, own = ""] = machine.split("/");
  return system === ownSystem && (architecture === own || (alsoNative[own] ?? []).includes(architecture));
}
var emulators = {
  amd64: "x86_64",
  arm64: "aarch64",
  "386": "i386",
  mips64le: "mips64el",
  loong64: "loongarch64"
};
var architectureOf = (platform) => platform.split("/")[1] ?? platform;
function emulatorOf(platform) {
  const architecture = architectureOf(platform);
  return `qemu-${emulators[architecture] ?? architecture}`;
}

// src/build/nodes.ts
async function planNodes(text2, findings) {
  if (text2 === "") return [];
  const { load } = await Promise.resolve().then(() => __toESM(require("./vendor/js-yaml.cjs")));
  try {
    const nodes = load(text2);
    if (Array.isArray(nodes) && nodes.every(isRecord)) return nodes.map(readNode);
    findings.problems.push(noList);
  } catch (error2) {
    findings.problems.push({ ...noList, output: String(error2.message) });
  }
  return [];
}
var isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
var noList = {
  input: "append",
  cause: "`append` is no YAML list of nodes.",
  remedy: "Begin each node with `- ` and give it an `endpoint`: `- endpoint: ssh://me@arm.example.com`."
};
function readNode(node) {
  return {
    name: text(node, "name"),
    endpoint: text(node, "endpoint"),
    platforms: entries(at(node, "platforms")).flatMap((entry) => entry.split(",")).map((cell2) => normalize(cell2.trim())),
    driverOpts: entries(at(node, "driver-opts")),
    flags: text(node, "buildkitd-flags")
  };
}
var text = (node, key) => {
  const value = at(node, key);
  return value === void 0 || value === null ? void 0 : String(value);
};
var entries = (value) => Array.isArray(value) ? value.map(String) : lines(value === void 0 || value === null ? "" : String(value));

// src/build/builder-plan.ts
var drivers = ["docker", "docker-container", "kubernetes", "remote", "cloud"];
var pinnedQemu = "docker.io/tonistiigi/binfmt@sha256:400a4873b838d1b89194d982c45e5fb3cda4593fbfd7e08a02e76b03b21166f0";
async function planBuilder(inputs, env, findings) {
  const driver = planDriver(inputs, findings);
  return {
    name: inputs.builder || env["BUILDX_BUILDER"] || void 0,
    driver,
    driverOpts: list(inputs["driver-opts"], "driver-opts", findings, { wholeLines: true, keepQuotes: true }),
    config: inputs["buildkitd-config-inline"] || void 0,
    flags: inputs["buildkitd-flags"] || void 0,
    endpoint: inputs.endpoint || void 0,
    nodes: await planNodes(inputs.append, findings),
    keepState: boolean(inputs, "keep-state", findings, false),
    cleanup: boolean(inputs, "cleanup", findings, true),
    qemuImage: inputs["qemu-image"] || pinnedQemu,
    buildxVersion: planBuildx(inputs["buildx-version"], findings)
  };
}
function planBuildx(text2, findings) {
  if (text2 === "" || text2 === "latest") return text2 || void 0;
  const [, version] = /^v?(\d+\.\d+\.\d+(?:-[a-z0-9.]+)?)$/.exec(text2) ?? [];
  if (version === void 0) {
    findings.problems.push({
      input: "buildx-version",
      cause: `\`buildx-version\` is \`${text2}\`, which is no release of buildx.`,
      remedy: "Give one such as `0.29.1`, or `latest`; leave it out for what the runner has."
    });
  }
  return version;
}
function planDriver(inputs, findings) {
  if (inputs.driver === "") return void 0;
  const driver = drivers.find((known) => known === inputs.driver);
  if (driver === void 0) {
    findings.problems.push({
      input: "driver",
      cause: `\`driver\` is \`${inputs.driver}\`, which buildx does not have.`,
      remedy: `Give one of ${drivers.map((known) => `\`${known}\``).join(", ")}, or leave it out.`
    });
  }
  if (driver === "docker") refuseForEngine(inputs, findings);
  if (driver === "remote" && inputs.endpoint === "") findings.problems.push(noEndpoint);
  return driver;
}
var noEndpoint = {
  input: "endpoint",
  cause: "`driver: remote` is given without `endpoint`.",
  remedy: "Give the address of the buildkitd, such as `tcp://buildkitd.example.com:1234`."
};
function refuseForEngine(inputs, findings) {
  const names = ["driver-opts", "buildkitd-config-inline", "buildkitd-flags", "endpoint", "append"];
  for (const input of names.filter((name2) => at(inputs, name2) !== "")) {
    findings.problems.push({
      input,
      cause: `\`${input}\` is given together with \`driver: docker\`, whose builder is the engine's own.`,
      remedy: `Leave out \`${input}\`, or take \`driver: docker-container\`.`
    });
  }
}

// src/build/cache.ts
function planCache(inputs, findings) {
  const entries3 = (input) => list(inputs[input], input, findings, { wholeLines: true }).map(readEntry);
  return {
    cacheFrom: entries3("cache-from"),
    cacheTo: entries3("cache-to").map(ignoreErrors)
  };
}
function readEntry(entry) {
  const text2 = entry.includes("=") ? entry : `type=registry,ref=${entry}`;
  const given = attributes(text2);
  const type = given["type"] ?? "";
  return { type, text: text2, scopeMissing: type === "gha" && given["scope"] === void 0 };
}
function ignoreErrors(entry) {
  const decided = entry.type === "inline" || attributes(entry.text)["ignore-error"] !== void 0;
  return decided ? entry : { ...entry, text: `${entry.text},ignore-error=true` };
}
var cacheFromArguments = (entries3, scope) => entries3.flatMap(({ text: text2, scopeMissing }) => scopeMissing ? [`${text2},scope=${scope}`, text2] : [text2]);
var cacheToArguments = (entries3, scope) => entries3.map(({ text: text2, scopeMissing }) => scopeMissing ? `${text2},scope=${scope}` : text2);
function cacheScope(image, target) {
  return [image || "build", target].filter((part) => part !== void 0).join("-").replaceAll(",", "-");
}

// src/build/source.ts
var defaultContext = /\{\{\s*defaultContext\s*\}\}/g;
function planSource(inputs, context, findings, exists) {
  const here = (path) => exists((0, import_node_path3.resolve)(context.workspace, path));
  const given = inputs.context;
  if (given === "") {
    const checkedOut = here(".git") || here(inputs.file || "Dockerfile");
    return checkedOut ? { kind: "directory", path: "." } : commit(context, "");
  }
  const [, subdirectory] = /^\{\{\s*defaultContext\s*\}\}(?::(.*))?$/.exec(given) ?? [];
  if (given.match(defaultContext)) return commit(context, subdirectory ?? "");
  if (isRemote(given)) return { kind: "remote", url: given };
  if (!here(given)) findings.problems.push(notThere(given));
  return { kind: "directory", path: given };
}
function requireDockerfile(source, { file }, { workspace }, { problems }, exists) {
  if (source.kind !== "directory" || isRemote(source.path) || isRemote(file)) return;
  const directory = (0, import_node_path3.resolve)(workspace, source.path);
  const names = file === "" ? ["Dockerfile", "dockerfile"].map((name2) => (0, import_node_path3.join)(directory, name2)) : [(0, import_node_path3.resolve)(workspace, file)];
  if (!exists(directory) || names.some(exists)) return;
  problems.push({
    input: "file",
    cause: file === "" ? `There is no Dockerfile in \`${source.path}\`, and \`file\` names none.` : `\`file\` is \`${file}\`, which is not there.`,
    remedy: "Give its path from the workspace by `file`, and run actions/checkout before this step."
  });
}
function sourceArgument(source) {
  if (source.kind === "directory") return source.path;
  if (source.kind === "remote" || source.subdirectory === "") return source.url;
  return `${source.url}:${source.subdirectory}`;
}
var fillContext = (text2, context) => text2.replaceAll(defaultContext, commitUrl(context));
var commit = (context, subdirectory) => ({
  kind: "commit",
  url: commitUrl(context),
  subdirectory
});
function commitUrl({ serverUrl, repository, ref, sha }) {
  const pull = ref.startsWith("refs/pull/");
  return `${serverUrl}/${repository}.git#${sha !== "" && !pull ? sha : ref}`;
}
var isRemote = (text2) => text2 === "-" || /^(?:https?|git|ssh|docker-image|oci-layout|target):\/\//i.test(text2) || /^git@|^github\.com\//.test(text2);
var notThere = (path) => ({
  input: "context",
  cause: `\`context\` is \`${path}\`, which is not there.`,
  remedy: path === "git" || path === "workflow" ? "For where tags and labels come from, `metadata-context` is the input." : "Give a directory of the workspace, and run actions/checkout before this step; or give a git URL."
});

// src/image/reference.ts
var label = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
var registryPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
var component = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
var repositoryPattern = new RegExp(`^${component}(?:/${component})*$`);
var tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
var digestPattern = /^(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/;
var longestName = 255;
var isTag = (text2) => tagPattern.test(text2);
var isDigest = (text2) => digestPattern.test(text2);
function parseReference(text2) {
  if (/^[a-f0-9]{64}$/.test(text2)) {
    return refusal("64 hexadecimal digits are an image ID, not a name", "Give the name of a repository.");
  }
  const { name: name2, tag, digest } = split(text2);
  const { registry, repository } = splitRegistry(name2);
  return refuseName(registry, repository, name2) ?? refuseEnds(tag, digest) ?? {
    registry,
    repository,
    ...tag === void 0 ? {} : { tag },
    ...digest === void 0 ? {} : { digest }
  };
}
var formatReference = (reference) => repositoryName(reference) + ends(reference);
var repositoryName = ({ registry, repository }) => `${registry}/${repository}`;
function familiar(reference) {
  if (reference.registry !== "docker.io") return formatReference(reference);
  const [, official] = /^library\/([^/]+)$/.exec(reference.repository) ?? [];
  return (official ?? reference.repository) + ends(reference);
}
function registryOf({ registry }) {
  return ["index.docker.io", "registry-1.docker.io"].includes(registry) ? "docker.io" : registry;
}
var sameRepository = (one, other) => one.repository === other.repository && registryOf(one) === registryOf(other);
var ends = ({ tag, digest }) => (tag === void 0 ? "" : `:${tag}`) + (digest === void 0 ? "" : `@${digest}`);
function split(text2) {
  const [named = "", ...rest] = text2.split("@");
  const digest = rest.length === 0 ? {} : { digest: rest.join("@") };
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  if (colon === -1) return { name: named, ...digest };
  return { name: named.slice(0, colon), tag: named.slice(colon + 1), ...digest };
}
function splitRegistry(name2) {
  const slash = name2.indexOf("/");
  const first = name2.slice(0, Math.max(slash, 0));
  const named = slash !== -1 && (/[.:A-Z]/.test(first) || first === "localhost");
  const registry = named && first !== "index.docker.io" ? first : "docker.io";
  const repository = named ? name2.slice(slash + 1) : name2;
  const official = registry === "docker.io" && !repository.includes("/");
  return { registry, repository: official ? `library/${repository}` : repository };
}
function refuseName(registry, repository, name2) {
  if (name2 === "") return refusal("it has no name", "Give a name such as `ghcr.io/owner/name`.");
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(name2)) {
    return refusal("it is a URL", "Leave off what stands before the host name: `ghcr.io/owner/name`.");
  }
  if (!registryPattern.test(registry)) {
    return refusal(`\`${registry}\` is no host name`, "A registry is a `host` or `host:port`.");
  }
  if (/[A-Z]/.test(repository)) {
    return refusal("a repository name is lower case", `Write \`${repository.toLowerCase()}\`.`);
  }
  if (!repositoryPattern.test(repository)) {
    return refusal(
      `\`${repository}\` is no repository name`,
      "Its parts are letters and digits, with single `.`, `_`, `__` or dashes between them, split by single slashes."
    );
  }
  if (registry.length + 1 + repository.length <= longestName) return void 0;
  return refusal(`the name is longer than ${longestName} characters`, "Choose a shorter one.");
}
function refuseEnds(tag, digest) {
  if (tag !== void 0 && !isTag(tag)) return refusal(`\`${tag}\` is no tag`, tagRule);
  if (digest === void 0 || isDigest(digest)) return void 0;
  return refusal(
    `\`${digest}\` is no digest`,
    "A digest is `sha256:` and 64 hexadecimal digits in lower case."
  );
}
var tagRule = "A tag has 1 to 128 letters, digits, `_`, `.` and `-`, and begins with none of the last two.";
var refusal = (reason, remedy) => ({ reason, remedy });

// src/github/deployments-api.ts
var depth = 10;
var page = 100;
async function openApi({ token, environment, url, mark }, { apiUrl, repository, serverUrl, sha, runId }, fetch) {
  const { getOctokit } = await Promise.resolve().then(() => __toESM(require("./vendor/actions-github.cjs")));
  const { request } = getOctokit(token, { baseUrl: apiUrl, request: { fetch } });
  const [owner = "", repo = ""] = repository.split("/");
  const place = { owner, repo };
  const shown = {
    log_url: `${serverUrl}/${repository}/actions/runs/${runId}`,
    ...url === void 0 ? {} : { environment_url: url }
  };
  return {
    async create() {
      const { data } = await request("POST /repos/{owner}/{repo}/deployments", {
        ...place,
        ref: sha,
        environment,
        auto_merge: false,
        // The run itself is the check: waiting for the others would wait for this one.
        required_contexts: [],
        description: "Slipway",
        payload: { slipway: mark }
      });
      if (!("id" in data)) throw new Error(data.message ?? "GitHub answered without a deployment");
      return Number(data.id);
    },
    async set(id, state, description) {
      await request("POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses", {
        ...place,
        deployment_id: id,
        state,
        // GitHub refuses more than 140 characters.
        description: description.slice(0, 140),
        // What is inactive is not to be seen there any more, and may be of another run.
        ...state === "inactive" ? {} : shown,
        // GitHub would take the deployments of others, too (of another host, of another service of theirs).
        auto_inactive: false
      });
    },
    async list() {
      const path = "GET /repos/{owner}/{repo}/deployments";
      const { data } = await request(path, { ...place, environment, per_page: page });
      return data.filter(({ payload }) => at(payload, "slipway") === mark).slice(0, depth).map(({ id }) => Number(id));
    },
    async stateOf(id) {
      const path = "GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses";
      const { data } = await request(path, { ...place, deployment_id: id, per_page: 1 });
      return data[0]?.state;
    }
  };
}

// src/github/deployment.ts
var planDeployment = (inputs, deploy) => inputs.environment === "" ? void 0 : {
  environment: inputs.environment,
  url: inputs["environment-url"] || void 0,
  token: inputs["github-token"],
  mark: deploy === void 0 ? "" : markOf(deploy)
};
function markOf({ ssh, projectDirectory, projectName, services }) {
  const what = [ssh.user, ssh.host, ssh.port, projectDirectory, projectName, ...services.toSorted()];
  return createHash("sha256").update(JSON.stringify(what)).digest("hex").slice(0, 5);
}
var patience = 2e3;
async function openDeployment(plan, context, without, fetch, wait = patience) {
  const { environment } = plan;
  if (plan.token === "") {
    without(`No deployment status is shown for ${environment}: \`github-token\` is empty`);
    return void 0;
  }
  const api = await openApi(plan, context, fetch);
  const attempt = attempts(without, environment);
  const id = await attempt(api.create);
  if (id === void 0) return void 0;
  return {
    id,
    set: async (state, description) => void await attempt(() => api.set(id, state, description), stays(state) ? wait : void 0),
    retireOthers: async () => void await attempt(() => retireOthers(api, id))
  };
}
var stays = (state) => state !== "queued" && state !== "in_progress";
function attempts(without, environment) {
  let refused = false;
  let told = false;
  return async function attempt(work, again) {
    if (refused) return void 0;
    try {
      return await work();
    } catch (error2) {
      refused = isRefusal(error2);
      if (!refused && again !== void 0) {
        await (0, import_promises.setTimeout)(again);
        return await attempt(work, void 0);
      }
      if (!told) without(`No deployment status is shown for ${environment}: ${because(error2)}`);
      told = true;
      return void 0;
    }
  };
}
var isRefusal = (error2) => [401, 403, 404].includes(Number(at(error2, "status")));
async function retireOthers(api, own) {
  for (const id of (await api.list()).filter((each) => each < own)) {
    if (await api.stateOf(id) === "success") await api.set(id, "inactive", "A later deployment serves");
  }
}
function because(error2) {
  const status = at(error2, "status");
  const message = error2 instanceof Error ? error2.message : String(error2);
  if (status === 403) return `${message} (give the job "permissions: deployments: write")`;
  if (status === 404)
    return `${message} (this server has no such API, or the token may not see the repository)`;
  return message;
}

// src/migration.ts
var script = "pulling, starting and checking is done by the deploy itself, of what `service` names; other commands go into `host-before` and `host-after`, or `run-before` and `run-after` for those of the new image";
var elsewhere = {
  // docker/login-action
  username: "for a registry it is `registry-username` (give `registry` too, where it is not the image’s own), for a server `ssh-user`",
  password: "for a registry it is `registry-password`, for a server `ssh-password`",
  logout: "the login ends with the step; `login: job` keeps it for the steps after",
  ecr: "give what `aws ecr get-login-password` prints as `registry-password`, with `registry-username: AWS`",
  scope: "a login here is for its registry alone",
  // docker/setup-qemu-action
  "cache-image": "it has no effect here: an emulator is installed only where one is missing",
  // docker/setup-buildx-action
  name: "a builder is named by `builder`, and made when there is none of that name",
  version: "for buildx it is `buildx-version`; `version` is an output",
  use: "it has no effect here: the builder is used by this step alone",
  install: "it has no effect here: `docker build` is left as it was",
  config: "it is `buildkitd-config-inline`, with the text of the file",
  "buildkitd-config": "it is `buildkitd-config-inline`, with the text of the file",
  "config-inline": "it is `buildkitd-config-inline`",
  "cache-binary": "it has no effect here: the buildx of the runner is used",
  // docker/metadata-action
  "bake-target": "bake files are not written here",
  "sep-tags": "it has no effect here: outputs have a line for each entry",
  "sep-labels": "it has no effect here: outputs have a line for each entry",
  "sep-annotations": "it has no effect here: outputs have a line for each entry",
  // appleboy/ssh-action
  host: "it is `ssh-host`",
  port: "it is `ssh-port`",
  key: "it is `ssh-key`",
  key_path: "it is `ssh-key`, with the text of the key",
  passphrase: "it is `ssh-passphrase`",
  fingerprint: "it is `ssh-fingerprint`",
  protocol: 'an IPv6 address is given as `ssh-host: "[2001:db8::1]"`',
  script,
  script_path: script,
  script_stop: "the deploy stops at the first failure, and puts back what ran before",
  command_timeout: "it is `wait-timeout`",
  timeout: "for the deploy it is `wait-timeout`; connecting has a time limit of its own",
  envs: "variables of the project go into `env`, those of a build into `build-args`",
  sync: "one server is deployed to in a step",
  proxy_host: "it is `ssh-jump: user@host:port`",
  proxy_port: "it is `ssh-jump: user@host:port`",
  proxy_username: "it is `ssh-jump: user@host:port`",
  proxy_key: "the jump host is logged in to with `ssh-key`",
  proxy_password: "the jump host is logged in to with the credentials of the server",
  proxy_fingerprint: "the keys of both hosts are given as lines of `ssh-known-hosts`",
  use_insecure_cipher: "it has no effect here",
  request_pty: "it has no effect here: nothing on the server is given a terminal",
  capture_stdout: "it has no effect here: what the server says is in the log",
  // docker/bake-action
  targets: "bake files are not read here; a stage of the Dockerfile is `target`",
  workdir: "the directory that is built is `context`",
  // Close, and often meant
  dockerfile: "it is `file`",
  tag: "it is `tags`",
  label: "it is `labels`",
  platform: "it is `platforms`",
  services: "it is `service`, a line each",
  "compose-file": "it is `compose-files`",
  token: "it is `github-token`"
};
function explainUnknown(name2, known) {
  const why = Object.hasOwn(elsewhere, name2) ? elsewhere[name2] : void 0;
  if (why !== void 0) return `There is no input \`${name2}\`: ${why}.`;
  const close = nearest(name2, known);
  return close === void 0 ? `There is no input \`${name2}\`.` : `There is no input \`${name2}\`: is \`${close}\` meant?`;
}
function nearest(name2, names) {
  const spelt = plain(name2);
  const begun = names.filter((candidate) => spelt.length > 3 && plain(candidate).startsWith(spelt));
  if (begun.length === 1 && !names.some((candidate) => plain(candidate) === spelt)) return begun[0];
  const limit = Math.max(1, Math.floor(spelt.length / 3));
  const [best] = names.map((candidate) => ({ candidate, distance: editDistance(spelt, plain(candidate)) })).filter(({ distance }) => distance <= limit).sort((one, other) => one.distance - other.distance);
  return best?.candidate;
}
var plain = (name2) => name2.toLowerCase().replaceAll("_", "-");
function editDistance(from, to) {
  let before = [];
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        cell(above, column) + 1,
        cell(current, column - 1) + 1,
        cell(above, column - 1) + (same ? 0 : 1),
        swapped ? cell(before, column - 2) + 1 : Number.POSITIVE_INFINITY
      );
    }
    before = above;
    above = current;
  }
  return cell(above, to.length);
}
var cell = (row, column) => row[column] ?? Number.POSITIVE_INFINITY;

// src/image/commit-tag.ts
var label2 = "org.opencontainers.image.revision=";
var revisionOf = ({ labels }) => labels.find((line) => line.startsWith(label2))?.slice(label2.length) ?? "";
function commitTag(image) {
  const short = revisionOf(image).slice(0, 7);
  if (short.length < 7) return void 0;
  const found = image.tags.map(parseReference).filter((each) => "registry" in each);
  return found.find(({ tag = "" }) => tag.includes(short));
}

// src/image/meta.ts
function substituteMeta(text2, { version, tags }) {
  return text2.replace(/\{\{\s*meta\.version\s*\}\}/g, () => version).replace(/\{\{\s*meta\.tags\s*\}\}/g, () => tags.join(","));
}
function annotationLines({ plain: plain2, levelled, levels }, exportsIndex) {
  const usual = exportsIndex ? ["manifest", "index"] : ["manifest"];
  const lines2 = (levels.length > 0 ? levels : usual).flatMap((level) => plain2.map((line) => `${level}:${line}`));
  return [...lines2, ...levelled];
}
function metadataOutputs(plan, exportsIndex) {
  const annotations = annotationLines(plan.annotations, exportsIndex);
  return {
    version: plan.version,
    tags: plan.tags.join("\n"),
    "tag-names": plan.tagNames.join("\n"),
    labels: plan.labels.join("\n"),
    annotations: annotations.join("\n"),
    json: JSON.stringify({
      tags: plan.tags,
      "tag-names": plan.tagNames,
      labels: Object.fromEntries(plan.labels.map(splitLabel)),
      annotations
    })
  };
}
function metadataVariables(outputs, env) {
  if (/^(?:0|f|F|false|False|FALSE)$/.test(env["DOCKER_METADATA_SET_OUTPUT_ENV"] ?? "")) return {};
  const variable2 = (name2) => `DOCKER_METADATA_OUTPUT_${name2.replaceAll("-", "_").toUpperCase()}`;
  return Object.fromEntries(Object.entries(outputs).map(([name2, value]) => [variable2(name2), value]));
}
function splitLabel(label3) {
  const equals = label3.indexOf("=");
  return [label3.slice(0, equals), label3.slice(equals + 1)];
}

// src/registry/hosts.ts
var dockerHub = "docker.io";
var hubNames = [
  "docker.io",
  "index.docker.io",
  "registry-1.docker.io",
  "registry.hub.docker.com",
  "hub.docker.com"
];
function registryHost(text2) {
  const host = text2.trim().replace(/^https?:\/\//i, "").replace(/\/.*$/, "").toLowerCase();
  return hubNames.includes(host) ? dockerHub : host;
}
var configKey = (registry) => registry === dockerHub ? "https://index.docker.io/v1/" : registry;
var isEcr = (registry) => registry === "public.ecr.aws" || /\.dkr[.-]ecr[.-][^/]*\.(?:amazonaws\.com|on\.aws)(?:\.cn)?$/.test(registry);
var needsEcrLogin = (registry, username) => isEcr(registry) && username !== "AWS";
var ecrRemedy = "Run aws-actions/amazon-ecr-login before this step, and give its outputs `docker_username_…` and `docker_password_…`: the server pulls with them, too.";
var apiHost = (registry) => registry === dockerHub ? "registry-1.docker.io" : registry;
function isOwnRegistry(registry, { serverUrl }) {
  const forge = URL.canParse(serverUrl) ? new URL(serverUrl).host : "";
  if (forge === "github.com") return registry === "ghcr.io";
  return forge !== "" && [forge, `containers.${forge}`].includes(registry);
}

// src/ssh/address.ts
var isBadAddress = (address) => "reason" in address;
function parseAddress(text2) {
  const bare2 = text2.replace(/^ssh:\/\//i, "").replace(/\/$/, "");
  const at2 = bare2.lastIndexOf("@");
  const user = at2 < 0 ? void 0 : bare2.slice(0, at2);
  const reason = reasonAgainst(bare2, user);
  if (reason !== void 0) return { reason, shown: withoutPassword(text2) };
  const location = parseLocation(bare2.slice(at2 + 1));
  if (typeof location === "string") return { reason: location, shown: text2 };
  return { ...location, ...user === void 0 ? {} : { user } };
}
var withoutPassword = (text2) => text2.replace(/^((?:ssh:\/\/)?[^:]*):.*@/is, "$1:…@");
var formatLocation = ({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`;
var formatTarget = ({ user, host, port }) => `${user}@${formatLocation({ host, port }).replace(/:22$/, "")}`;
function reasonAgainst(text2, user) {
  if (/[\s,]/.test(text2)) return "names more than one host, or has a blank in it";
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text2)) return "is a URL";
  if (user?.includes(":")) return "holds a password";
  if (user === "") return "has no user in front of its `@`";
  return void 0;
}
var isIPv6 = (text2) => text2.includes(":") && (0, import_node_net.isIPv6)(text2);
function parseLocation(text2) {
  if (isIPv6(text2)) return { host: text2.toLowerCase() };
  const parts = /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^:[\]]*))(?::(?<port>.*))?$/.exec(text2)?.groups;
  if (parts === void 0) return "is neither `host`, `user@host:port` nor `[v6]:port`";
  const host = parts["v6"] === void 0 ? hostName(parts["name"] ?? "") : address6(parts["v6"]);
  if (host === void 0) return "has no valid host name or address in it";
  if (parts["port"] === void 0) return { host };
  const port = parsePort(parts["port"]);
  return port === void 0 ? "has a port that is no number from 1 to 65535" : { host, port };
}
var address6 = (text2) => isIPv6(text2) ? text2.toLowerCase() : void 0;
function hostName(text2) {
  const name2 = /^[\x21-\x7e]*$/.test(text2) ? text2.toLowerCase() : (0, import_node_url.domainToASCII)(text2);
  return /^[a-z0-9_][a-z0-9_.-]*$/.test(name2) ? name2 : void 0;
}
function parsePort(text2) {
  const port = /^\d{1,5}$/.test(text2) ? Number(text2) : 0;
  return port >= 1 && port <= 65535 ? port : void 0;
}

// src/ssh/wire.ts
function wireString(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}
function uint32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
function readWireStrings(bytes, count, offset = 0) {
  const values = [];
  let end = offset;
  while (values.length < count) {
    if (end + 4 > bytes.length) return void 0;
    const start = end + 4;
    end = start + bytes.readUInt32BE(end);
    if (end > bytes.length) return void 0;
    values.push(bytes.subarray(start, end));
  }
  return { values, end };
}
var publicKeyType = (key) => readWireStrings(key, 1)?.values[0]?.toString() ?? "";
var fingerprint = (key) => `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;

// src/ssh/openssh-key.ts
var magic = Buffer.from("openssh-key-v1\0");
function readOpenSshKey(bytes) {
  if (!bytes.subarray(0, magic.length).equals(magic)) return void 0;
  const [cipher, kdf, kdfOptions] = readWireStrings(bytes, 3, magic.length)?.values ?? [];
  const keys = readWireStrings(bytes, 3, magic.length)?.end ?? 0;
  const [publicKey, privatePart] = readWireStrings(bytes, 2, keys + 4)?.values ?? [];
  const end = readWireStrings(bytes, 2, keys + 4)?.end;
  if (cipher === void 0 || kdf === void 0 || kdfOptions === void 0) return void 0;
  if (publicKey === void 0 || privatePart === void 0) return void 0;
  const tag = bytes.subarray(end);
  return { cipher: cipher.toString(), kdf: kdf.toString(), kdfOptions, publicKey, privatePart, tag };
}
function writeOpenSshKey(publicKey, privatePart) {
  const bytes = Buffer.concat([
    magic,
    ...["none", "none", ""].map(wireString),
    uint32(1),
    wireString(publicKey),
    wireString(privatePart)
  ]);
  return armour("OPENSSH PRIVATE KEY", bytes.toString("base64"));
}
function armour(label3, base64, headers = "") {
  const lines2 = base64.replace(label3 === "OPENSSH PRIVATE KEY" ? /.{1,70}/g : /.{1,64}/g, "$&\n");
  return `-----BEGIN ${label3}-----
${headers}${lines2}-----END ${label3}-----
`;
}
function privatePartOf(...fields) {
  const content = Buffer.concat([Buffer.alloc(8), ...fields]);
  const padding = (8 - content.length % 8) % 8;
  return Buffer.concat([content, Buffer.from(Array.from({ length: padding }, (_, index) => index + 1))]);
}
var ciphers = {
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
var isKnownCipher = (cipher) => Object.hasOwn(ciphers, cipher);
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
  const decoder = createDecipheriv(cipher.name, secret.subarray(0, stream ? 32 : cipher.key), iv);
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
  const { pbkdf } = await Promise.resolve().then(() => __toESM(require("./vendor/bcrypt-pbkdf.cjs")));
  const secret = Buffer.alloc(length);
  const password = Buffer.from(passphrase);
  if (pbkdf(password, password.length, salt, salt.length, secret, length, rounds) !== 0) {
    throw new Error("bcrypt_pbkdf does not take these parameters");
  }
  return secret;
}

// src/ssh/key-text.ts
var isProblem = (value) => "cause" in value;
function repairKey(given) {
  const text2 = unwrap(given);
  const block = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----([\s\S]*?)(?:-----END \1-----|$)/.exec(text2);
  const [whole, label3 = "", content = ""] = block ?? [];
  if (whole === void 0) return notPrivate(text2);
  if (!whole.includes("-----END ")) return problem("ends before its `-----END` line", "Copy the whole file.");
  const { headers, base64 } = dissect(content);
  if (!/^[A-Za-z0-9+/]+=*$/.test(base64)) {
    return problem(
      "holds characters that no key has",
      "Copy the file itself, not what a program shows of it."
    );
  }
  const keyText = { text: armour(label3, base64, headers), encrypted: false };
  if (label3 === "OPENSSH PRIVATE KEY") return checkOpenSsh(keyText, base64);
  if (label3 === "DSA PRIVATE KEY") return dsa;
  if (label3.startsWith("SSH2 ")) return foreign("an ssh.com private key", "ssh-keygen -i -f KEY > NEW");
  return { ...keyText, encrypted: label3 === "ENCRYPTED PRIVATE KEY" || headers !== "" };
}
function unwrap(given) {
  const text2 = given.replace(/^\uFEFF/, "").replace(/(\\r)?\\n/g, "\n").replace(/\r\n?/g, "\n").trim().replace(/^(["'`]+)([\s\S]*?)\1$/, "$2").trim();
  const packed = text2.replace(/\s/g, "");
  if (!/^[A-Za-z0-9+/]{40,}=*$/.test(packed)) return text2;
  const bytes = Buffer.from(packed, "base64");
  if (readOpenSshKey(bytes) !== void 0) return armour("OPENSSH PRIVATE KEY", packed);
  const inner = bytes.toString();
  return inner.includes("-----BEGIN ") ? unwrap(inner) : text2;
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
var problem = (what, remedy) => ({
  input: "ssh-key",
  cause: `\`ssh-key\` ${what}.`,
  remedy
});
var foreign = (what, command) => problem(`is ${what}`, `Convert it (\`${command}\`) and give the result.`);
var generate = "Make a key for deploys (`ssh-keygen -t ed25519 -f deploy_key`), add deploy_key.pub to `~/.ssh/authorized_keys` on the server, and give the text of deploy_key.";
var dsa = problem("is a DSA key, which OpenSSH no longer accepts", generate);
var missingPassphrase = {
  input: "ssh-passphrase",
  cause: "`ssh-key` is encrypted and `ssh-passphrase` is empty.",
  remedy: "Set `ssh-passphrase` (is the secret set in this environment?), or give a key without a passphrase."
};
function notPrivate(text2) {
  if (/^PuTTY-User-Key-File-/.test(text2)) {
    return foreign("a PuTTY key", "puttygen KEY.ppk -O private-openssh -o NEW");
  }
  if (/^\S+-cert-v0\d@openssh\.com\s/.test(text2)) {
    return problem(
      "is a certificate, which cannot be used here",
      "Give the private key, without a certificate."
    );
  }
  if (/^(ssh-|ecdsa-|sk-)\S+ AAAA/.test(text2) || /^-+ ?BEGIN [A-Z0-9 ]*PUBLIC KEY/.test(text2)) {
    return problem("is a public key", "Give the private one: the file of the same name without `.pub`.");
  }
  if (/^[~./]\S*$/.test(text2)) return problem("is a path", "Give the text of the file itself, from a secret.");
  return problem("is no private key: it has no `-----BEGIN … PRIVATE KEY-----` line", generate);
}

// src/ssh/known-hosts.ts
function matchHostKey(lines2, host, port, key) {
  const all = parseKnownHosts(lines2).hosts;
  const here = all.filter(({ hosts }) => namesOf(host, port).some((name2) => matches(hosts, name2)));
  const elsewhere2 = all.filter(({ hosts }) => matches(hosts, host.toLowerCase()));
  const authorities = here.filter(({ marker: marker2 }) => marker2 === "cert-authority").map(({ line }) => line);
  const plain2 = here.filter(({ marker: marker2 }) => marker2 === "none");
  const has = (list2) => list2.some((known) => known.key.equals(key));
  if (has([...here, ...elsewhere2].filter(({ marker: marker2 }) => marker2 === "revoked"))) {
    return { verdict: "revoked", known: [], authorities };
  }
  if (has(plain2)) return { verdict: "match", known: [], authorities };
  if (plain2.length > 0) return { verdict: "mismatch", known: plain2.map((known) => known.key), authorities };
  const portless = has(elsewhere2.filter(({ marker: marker2 }) => marker2 === "none"));
  return { verdict: portless ? "match" : "unknown", known: [], authorities };
}
function knownKeyTypes(lines2, host, port) {
  const names = [...namesOf(host, port), host.toLowerCase()];
  const known = parseKnownHosts(lines2).hosts.filter(
    ({ hosts, marker: marker2 }) => marker2 === "none" && names.some((name2) => matches(hosts, name2))
  );
  return [...new Set(known.map(({ key }) => publicKeyType(key)))];
}
var knownHostsLine = (host, port, key) => `${port === 22 ? host : `[${host}]:${port}`} ${publicKeyType(key)} ${key.toString("base64")}`;
function parseKnownHosts(text2) {
  const hosts = [];
  const unreadable2 = [];
  for (const [index, content] of text2.split(/\r\n|\n|\r/).entries()) {
    const line = index + 1;
    if (/^\s*(#|$)/.test(content)) continue;
    const known = parseLine(content.trim(), line);
    if (known === void 0) unreadable2.push(line);
    else hosts.push(known);
  }
  return { hosts, unreadable: unreadable2 };
}
function parseLine(content, line) {
  const [, mark, hosts, type, base64] = /^(?:@(revoked|cert-authority)\s+)?([^\s@]\S*)\s+(\S+)\s+([A-Za-z0-9+/]+=*)(?:\s|$)/.exec(content) ?? [];
  if (hosts === void 0 || base64 === void 0) return void 0;
  const key = Buffer.from(base64, "base64");
  if (publicKeyType(key) !== type) return void 0;
  return { line, marker: mark ?? "none", hosts, key };
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
  const text2 = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("?", ".").replace(/\*+/g, ".*");
  return new RegExp(`^${text2}$`);
}
function matchesHash(hosts, name2) {
  const [, version, salt = "", hash = ""] = hosts.split("|");
  const expected = Buffer.from(hash, "base64");
  const actual = createHmac("sha1", Buffer.from(salt, "base64")).update(name2).digest();
  return version === "1" && expected.length === actual.length && timingSafeEqual(expected, actual);
}

// src/ssh/trust.ts
var keyscan = ({ host, port }) => `ssh-keyscan ${port === 22 ? "" : `-p ${port} `}${host}`;
function planHostKey(inputs, server, findings) {
  const { "ssh-known-hosts": lines2, "ssh-fingerprint": prints } = inputs;
  const insecure = planOptOut(inputs, findings);
  const given = [
    ...lines2 === "" ? [] : ["`ssh-known-hosts`"],
    ...prints === "" ? [] : ["`ssh-fingerprint`"],
    ...insecure ? ["`ssh-insecure-skip-host-key-check`"] : []
  ];
  if (given.length !== 1) findings.problems.push(given.length === 0 ? missing(server) : tooMany(given));
  if (lines2 !== "") return planKnownHosts(lines2, server, findings);
  if (prints !== "") return planFingerprints(prints, server, findings);
  return insecure ? { kind: "insecure" } : void 0;
}
var missing = (server) => ({
  input: "ssh-known-hosts",
  cause: `Nothing says which host key ${server.host} has: \`ssh-known-hosts\` and \`ssh-fingerprint\` are empty.`,
  remedy: `Give the output of \`${keyscan(server)}\` as \`ssh-known-hosts\` (a variable will do, it is no secret).`
});
var tooMany = (given) => ({
  input: "ssh-known-hosts",
  cause: `${given.join(" and ")} are given, and only one of them can decide about the host key.`,
  remedy: "Leave one."
});
function planOptOut(inputs, findings) {
  const insecure = boolean(inputs, "ssh-insecure-skip-host-key-check", findings, false);
  if (insecure) {
    findings.warnings.push(
      "`ssh-insecure-skip-host-key-check` is on: whoever answers in the place of the server gets all that is sent there."
    );
  }
  return insecure;
}
function planKnownHosts(lines2, server, findings) {
  const { hosts, unreadable: unreadable2 } = parseKnownHosts(lines2);
  const numbers = unreadable2.join(", ");
  if (hosts.length > 0) {
    if (numbers !== "") findings.warnings.push(`\`ssh-known-hosts\`: cannot read line ${numbers}, left out.`);
    return { kind: "known-hosts", lines: lines2 };
  }
  const bareKey = /^(ssh|ecdsa)-\S+ AAAA/m.test(lines2);
  const print = /^SHA256:\S+$/m.test(lines2);
  findings.problems.push({
    input: "ssh-known-hosts",
    cause: `\`ssh-known-hosts\` has no line of the form \`host type key\`${bareKey ? ": the host is missing" : ""}.`,
    remedy: print ? "This looks like a fingerprint: give it as `ssh-fingerprint`." : `Give the output of \`${keyscan(server)}\`.`
  });
  return void 0;
}
function planFingerprints(text2, server, findings) {
  const fingerprints = [];
  for (const entry of text2.split(/[\n,]/).map((part) => part.trim())) {
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

// src/ssh/target.ts
var forServer = [
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
function planSsh(inputs, env, findings) {
  if (inputs["ssh-host"] === "") {
    const given = forServer.filter((name2) => inputs[name2] !== "");
    if (given.length > 0) findings.problems.push(noServer(given));
    return void 0;
  }
  const target = planTarget(inputs, findings);
  const jump = planJump(inputs["ssh-jump"], target?.user, findings);
  const authentication = planAuthentication(inputs, env.SSH_AUTH_SOCK ?? "", findings);
  const hostKey = planHostKey(inputs, target ?? { host: "HOST", port: 22 }, findings);
  if (target === void 0 || authentication === void 0 || hostKey === void 0) return void 0;
  return { ...target, authentication, hostKey, ...jump === void 0 ? {} : { jump } };
}
var noServer = (given) => ({
  input: "ssh-host",
  cause: `\`ssh-host\` is empty, though ${given.map((name2) => `\`${name2}\``).join(", ")} ${given.length > 1 ? "are" : "is"} given.`,
  remedy: "Is the variable or secret set in this environment? To build and push without a deploy, leave the others out too."
});
function planTarget(inputs, findings) {
  const address = readAddress("ssh-host", inputs["ssh-host"], findings);
  if (address === void 0) return void 0;
  const user = agree("ssh-user", address.user, inputs["ssh-user"], findings);
  if (user === "") findings.problems.push(noUser(inputs["ssh-host"]));
  const portText = agree("ssh-port", address.port?.toString(), inputs["ssh-port"], findings);
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
var noUser = (host) => ({
  input: "ssh-user",
  cause: `Nothing says as whom to log in on ${host}.`,
  remedy: `Put the user in front (\`ssh-host: deploy@${host}\`), or set \`ssh-user\`.`
});
var badPort = (port) => ({
  input: "ssh-port",
  cause: `\`ssh-port\` is \`${port}\`, which is no port.`,
  remedy: "Give a number from 1 to 65535, or leave it out for 22."
});
function readAddress(input, text2, findings) {
  const address = parseAddress(text2);
  if (!isBadAddress(address)) return address;
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${address.shown}\`, which ${address.reason}.`,
    remedy: address.reason.includes("password") ? "Give the password as `ssh-password`, from a secret; change it, for it may have been logged." : "Give one server: `host`, `user@host`, `user@host:port` or `[2001:db8::1]:port`."
  });
  return void 0;
}
function planJump(text2, user, findings) {
  const address = text2 === "" ? void 0 : readAddress("ssh-jump", text2, findings);
  if (address === void 0) return void 0;
  return { host: address.host, port: address.port ?? 22, user: address.user ?? user ?? "" };
}
function planAuthentication(inputs, agent, findings) {
  const { "ssh-key": key, "ssh-passphrase": passphrase, "ssh-password": password } = inputs;
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

// src/report/outputs.ts
function setOutputs(outputs) {
  for (const [name2, value] of Object.entries(outputs)) setOutput(name2, value);
}

// src/lines.ts
function lineSplitter(onLine) {
  const decoder = new import_node_string_decoder.StringDecoder("utf8");
  let pieces = [];
  const endLine = (last) => {
    const line = pieces.join("") + last;
    pieces = [];
    onLine(line.replace(/\r$/, ""));
  };
  const push = (text2) => {
    const [first = "", ...more] = text2.split("\n");
    const rest = more.pop();
    if (rest === void 0) return void pieces.push(first);
    endLine(first);
    more.forEach(endLine);
    pieces.push(rest);
  };
  return {
    write: (chunk) => push(decoder.write(chunk)),
    /** Gives the last line, where it had no end. */
    end() {
      push(decoder.end());
      if (pieces.some((piece) => piece !== "")) endLine("");
    }
  };
}

// src/local.ts
var marker = "SLIPWAY_COMMAND";
var grace = 3e3;
function localRun(env) {
  let count = 0;
  return async (command, options = {}) => {
    const { exec } = await Promise.resolve().then(() => __toESM(require("./vendor/actions-exec.cjs")));
    const mark = `${process.pid}.${++count}`;
    const ended = new AbortController();
    const cancel = () => endTree(mark, ended.signal);
    const timer = options.timeout === void 0 ? void 0 : setTimeout(cancel, options.timeout);
    options.signal?.addEventListener("abort", cancel);
    try {
      if (options.signal?.aborted) return { code: null, stdout: "", stderr: "" };
      return await execute(exec, command, { ...env, ...command.env, [marker]: mark }, options);
    } finally {
      ended.abort();
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", cancel);
    }
  };
}
async function execute(exec, command, env, { onLine }) {
  const out = collect((line) => onLine?.(line, "stdout"));
  const err = collect((line) => onLine?.(line, "stderr"));
  process.on("uncaughtException", unlessBrokenPipe);
  const code = await exec(`"${command.file}"`, [...command.args], {
    env,
    silent: true,
    ignoreReturnCode: true,
    ...command.stdin === void 0 ? {} : { input: await bytesOf(command.stdin) },
    listeners: { stdout: out.add, stderr: err.add }
  }).finally(() => process.off("uncaughtException", unlessBrokenPipe));
  return { code: code ?? null, stdout: out.end(), stderr: err.end() };
}
function unlessBrokenPipe(error2) {
  if (error2.code !== "EPIPE") throw error2;
}
async function bytesOf(stdin) {
  if (typeof stdin !== "function") return Buffer.from(stdin);
  const chunks = [];
  for await (const chunk of stdin()) chunks.push(chunk);
  return Buffer.concat(chunks);
}
function collect(onLine) {
  const chunks = [];
  const lines2 = lineSplitter(onLine);
  return {
    add(chunk) {
      chunks.push(chunk);
      lines2.write(chunk);
    },
    end() {
      lines2.end();
      return Buffer.concat(chunks).toString("utf8");
    }
  };
}
function endTree(mark, ended) {
  signalAll(mark, "SIGINT");
  const timer = setTimeout(() => signalAll(mark, "SIGKILL"), grace);
  ended.addEventListener("abort", () => clearTimeout(timer));
}
function signalAll(mark, signal) {
  for (const pid of marked(mark)) {
    try {
      process.kill(pid, signal);
    } catch {
    }
  }
}
function marked(mark) {
  return entries2("/proc").filter((name2) => /^\d+$/.test(name2) && environ(name2).includes(`${marker}=${mark}`)).map(Number);
}
function entries2(directory) {
  try {
    return (0, import_node_fs2.readdirSync)(directory);
  } catch {
    return [];
  }
}
function environ(pid) {
  try {
    return (0, import_node_fs2.readFileSync)(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}

// src/log.ts
var inert = (text2) => text2.split(/\r\n|\r|\n/).map(inertLine).join("\n");
function inertLine(line) {
  const shown = line.replaceAll(new RegExp("#(\\p{C}*)#(\\p{C}*)\\[", "gu"), "# $1#$2[");
  return shown.replaceAll(/[\s\p{C}]/gu, "").startsWith("::") ? `| ${shown}` : shown;
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
    line: (text2) => info(inert(secrets.hide(text2))),
    foreign: (text2) => info(inert(secrets.hide(text2))),
    notice: (text2, at2) => notice(secrets.hide(text2), annotation(at2)),
    warning: (text2, at2) => warning(secrets.hide(text2), annotation(at2)),
    error: (text2, at2) => error(secrets.hide(text2), annotation(at2)),
    mask(secret) {
      if (secrets.add(secret)) setSecret(secret);
    }
  };
}
function plainLog(out) {
  const secrets = new Secrets();
  const write = (text2) => out.write(`${secrets.hide(text2)}
`);
  return {
    async group(title, work) {
      write(`
== ${title}`);
      return await work();
    },
    line: write,
    foreign: write,
    notice: (text2) => write(`notice: ${text2}`),
    warning: (text2) => write(`warning: ${text2}`),
    error: (text2) => write(`error: ${text2}`),
    mask: (secret) => void secrets.add(secret)
  };
}
var isLong = (text2) => text2.trim().length > 3;
var Secrets = class {
  #hidden = /* @__PURE__ */ new Set();
  /**
   * False when there is nothing to hide. The lines of a key are secrets each. What is short would hide too much: of a
   * value `1`, the runner would star each 1 of the job's log, and drop every output that has one.
   */
  add(secret) {
    for (const line of [secret, ...secret.split(/\r?\n/)]) if (isLong(line)) this.#hidden.add(line);
    return isLong(secret);
  }
  hide(text2) {
    const longest = [...this.#hidden].sort((one, other) => other.length - one.length);
    return longest.reduce((shown, secret) => shown.replaceAll(secret, "***"), text2);
  }
};

// src/state.ts
var name = "undo";
var records2 = [];
function remaining(left) {
  records2 = left;
  saveState(name, JSON.stringify(records2));
}
function remember(record) {
  remaining([...records2.filter(({ kind }) => kind !== "run" || kind !== record.kind), record]);
}
function forgetRun() {
  remaining(records2.filter(({ kind }) => kind !== "run"));
}
function remembered() {
  const text2 = getState(name);
  return text2 === "" ? [] : JSON.parse(text2).reverse();
}

// src/world.ts
var ownEnvironment = (env) => Object.fromEntries(
  Object.entries(env).flatMap(
    ([name2, value]) => value === void 0 || /^(?:INPUT|STATE)_/.test(name2) ? [] : [[name2, value]]
  )
);
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  ExitCode,
  Failure,
  __callDispose,
  __using,
  access,
  annotationLines,
  apiHost,
  architectureOf,
  asksForDigest,
  at,
  attributes,
  boolean,
  brings,
  cacheFromArguments,
  cacheScope,
  cacheToArguments,
  chmod,
  commitTag,
  configKey,
  createHash,
  createPrivateKey,
  decrypt,
  dockerHub,
  ecrRemedy,
  emulatorOf,
  explainUnknown,
  exportVariable,
  exportsTo,
  familiar,
  fillContext,
  fingerprint,
  forgetRun,
  formatLocation,
  formatReference,
  formatTarget,
  inputNames,
  integer,
  isAttested,
  isByDigest,
  isDigest,
  isNative,
  isOwnRegistry,
  isProblem,
  isRemote,
  isSecret,
  isTag,
  knownHostsLine,
  knownKeyTypes,
  lastLines,
  lineSplitter,
  lines,
  list,
  localRun,
  matchHostKey,
  metadataOutputs,
  metadataVariables,
  missingPassphrase,
  mkdir,
  mkdtemp,
  nearest,
  needsEcrLogin,
  noFindings,
  normalize,
  open,
  openDeployment,
  ownEnvironment,
  parseReference,
  pinnedQemu,
  plainLog,
  planAttestations,
  planBring,
  planBuilder,
  planCache,
  planDeployment,
  planPlatforms,
  planResult,
  planSource,
  planSsh,
  privatePartOf,
  publicKeyType,
  pushes,
  randomBytes,
  readContext,
  readFile,
  readInputs,
  readOpenSshKey,
  readdir,
  realpath,
  records,
  registryHost,
  registryOf,
  remember,
  remembered,
  repairKey,
  repositoryName,
  requireDockerfile,
  revisionOf,
  rm,
  runnerLog,
  sameRepository,
  seconds,
  secretsOf,
  setOutputs,
  sourceArgument,
  stat,
  stopwatch,
  substituteMeta,
  symlink,
  tagRule,
  together,
  trustOf,
  unknownInputs,
  wireString,
  writeFile,
  writeOpenSshKey
});
