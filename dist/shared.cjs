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
var os = require("os");
var fs = require("fs");
var os2 = require("os");
var os3 = require("os");
var import_node_os = require("node:os");
var import_node_path = require("node:path");
var import_node_fs = require("node:fs");
var import_node_path2 = require("node:path");
var import_node_fs2 = require("node:fs");
var import_node_path3 = require("node:path");
var import_node_path4 = require("node:path");
var import_node_path5 = require("node:path");
var import_node_string_decoder = require("node:string_decoder");
var import_node_fs3 = require("node:fs");
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
var randomUUID = (...args) => process.getBuiltinModule("node:crypto").randomUUID(...args);

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
  const delimiter2 = `ghadelimiter_${randomUUID()}`;
  const convertedValue = toCommandValue(value);
  if (key.includes(delimiter2)) {
    throw new Error(`Unexpected input: name should not contain the delimiter "${delimiter2}"`);
  }
  if (convertedValue.includes(delimiter2)) {
    throw new Error(`Unexpected input: value should not contain the delimiter "${delimiter2}"`);
  }
  return `${key}<<${delimiter2}${os2.EOL}${convertedValue}${os2.EOL}${delimiter2}`;
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

// src/build/json.ts
function parseJson(text2) {
  try {
    return JSON.parse(text2);
  } catch {
    return void 0;
  }
}
var readFile = (...args) => process.getBuiltinModule("node:fs/promises").readFile(...args);
var stat = (...args) => process.getBuiltinModule("node:fs/promises").stat(...args);

// src/build/current.ts
var dockerDirectory = (env) => env["DOCKER_CONFIG"] || (0, import_node_path.join)(env["HOME"] || (0, import_node_os.homedir)(), ".docker");
var buildxDirectory = (env) => env["BUILDX_CONFIG"] || (0, import_node_path.join)(dockerDirectory(env), "buildx");
async function currentBuilder(env, context) {
  const directory = buildxDirectory(env);
  const noted = await readFile((0, import_node_path.join)(directory, "current"), "utf8").catch(() => "{}");
  const name2 = at(parseJson(noted), "Name");
  if (typeof name2 !== "string" || name2 === "") return void 0;
  if (at(parseJson(noted), "Global") !== true && at(parseJson(noted), "Key") !== endpoint(env, context))
    return void 0;
  const there = await stat((0, import_node_path.join)(directory, "instances", name2)).catch(() => void 0);
  return there === void 0 ? void 0 : name2;
}
var endpoint = (env, context) => context === "default" ? env["DOCKER_HOST"] || "unix:///var/run/docker.sock" : context;

// src/errors.ts
var Failure = class extends Error {
  name = "Failure";
  stage;
  problems;
  constructor(stage, problems) {
    const list3 = "cause" in problems ? [problems] : problems;
    super(`${stage}: ${list3.map((problem) => problem.cause).join("; ")}`);
    this.stage = stage;
    this.problems = list3;
  }
};
function lastLines(text2, count = 20) {
  return text2.trimEnd().split("\n").slice(-count).join("\n");
}

// src/build/docker-problems.ts
function dockerProblem(outcome, facts) {
  const { code, stderr } = outcome;
  if (code === null) return silent;
  if (code === 127 && facts === void 0) return { ...missing, output: lastLines(stderr, 5) };
  if (at(facts, "host") !== void 0 || /using podman/i.test(stderr)) return podman;
  if (at(facts, "OSType") === "windows") return windows;
  if (code !== 0 || !at(facts, "ServerVersion")) return daemonProblem(outcome, facts);
  return void 0;
}
function daemonProblem({ stdout, stderr }, facts) {
  const said = [at(facts, "ServerErrors"), facts === void 0 ? stdout : "", stderr].flat().join("\n").trim();
  const output = lastLines(said, 5);
  return { .../permission denied/i.test(said) ? forbidden : down, output };
}
var silent = {
  cause: "The Docker engine of this runner did not answer `docker info` within 30 seconds.",
  remedy: "Restart the engine, or use another runner."
};
var missing = {
  cause: "There is no `docker` command on this runner.",
  remedy: "Use a runner with Docker, such as `runs-on: ubuntu-24.04`; on a runner of your own, install Docker Engine."
};
var podman = {
  cause: "The `docker` command of this runner is Podman, which has no buildx.",
  remedy: "Install Docker Engine and its client in place of the podman-docker package, or use another runner."
};
var windows = {
  cause: "The Docker engine of this runner runs Windows containers; Linux images cannot be built on it.",
  remedy: "Use a Linux runner, such as `runs-on: ubuntu-24.04`, or switch the engine to Linux containers."
};
var forbidden = {
  cause: "This runner's user may not use the Docker engine.",
  remedy: "Add the user that runs the runner to the group `docker`, and start the runner again."
};
var down = {
  cause: "The Docker engine of this runner cannot be reached.",
  remedy: "Use a runner with a Docker engine (`ubuntu-slim` and macOS have none), start the engine, or set `DOCKER_HOST`."
};

// src/build/docker.ts
var dockerInfo = { file: "docker", args: ["info", "--format", "{{json .}}"] };
var patience = 3e4;
async function askDocker(run, signal) {
  const outcome = await run(dockerInfo, { timeout: patience, ...signal ? { signal } : {} }).catch(notFound);
  const facts = parseJson(outcome.stdout);
  const problem = dockerProblem(outcome, facts);
  if (problem !== void 0) throw new Failure("preflight", problem);
  return readDocker(facts);
}
var notFound = (error2) => ({ code: 127, stdout: "", stderr: String(error2) });
function readDocker(facts) {
  const store = list(at(facts, "DriverStatus")).some(
    (pair) => list(pair).includes("io.containerd.snapshotter.v1")
  );
  return {
    buildxVersion: pluginVersion(facts, "buildx") ?? "",
    imageStore: store ? "containerd" : "classic",
    platform: `${text(at(facts, "OSType"))}/${architecture(text(at(facts, "Architecture")))}`,
    rootless: list(at(facts, "SecurityOptions")).some((option) => text(option).startsWith("name=rootless")),
    context: text(at(facts, "ClientInfo", "Context")) || "default",
    insecure: insecureRegistries(facts)
  };
}
function pluginVersion(facts, name2) {
  const plugin = list(at(facts, "ClientInfo", "Plugins")).find((each) => at(each, "Name") === name2);
  const version = text(at(plugin, "Version")).replace(/^v/, "");
  return plugin === void 0 || at(plugin, "Err") !== void 0 ? void 0 : version;
}
function insecureRegistries(facts) {
  const configured = Object.values(at(facts, "RegistryConfig", "IndexConfigs") ?? {});
  return {
    hosts: configured.filter((index) => at(index, "Secure") === false).map((index) => text(at(index, "Name"))),
    cidrs: list(at(facts, "RegistryConfig", "InsecureRegistryCIDRs")).map(text)
  };
}
var architectures = {
  x86_64: "amd64",
  aarch64: "arm64",
  armv7l: "arm/v7",
  armv6l: "arm/v6",
  i386: "386",
  i686: "386",
  loongarch64: "loong64"
};
var architecture = (machine) => architectures[machine] ?? machine;
var list = (value) => Array.isArray(value) ? value : [];
var text = (value) => typeof value === "string" ? value : "";

// src/build/plugins.ts
var rm = (...args) => process.getBuiltinModule("node:fs/promises").rm(...args);
var symlink = (...args) => process.getBuiltinModule("node:fs/promises").symlink(...args);

// src/build/plugins.ts
var systemDirectories = [
  "/usr/local/lib/docker/cli-plugins",
  "/usr/local/libexec/docker/cli-plugins",
  "/usr/lib/docker/cli-plugins",
  "/usr/libexec/docker/cli-plugins"
];
async function findPlugin(run, env, config, name2, signal) {
  const extra = at(config, "cliPluginsExtraDirs");
  const own = [...Array.isArray(extra) ? extra.map(String) : [], (0, import_node_path2.join)(dockerDirectory(env), "cli-plugins")];
  const files = [...own, ...systemDirectories].map((directory) => (0, import_node_path2.join)(directory, `docker-${name2}`));
  const file = firstOf(files, (each) => (0, import_node_fs.statSync)(each).isFile());
  if (file === void 0) return void 0;
  const asked = { file, args: ["docker-cli-plugin-metadata"] };
  const { code, stdout } = await run(asked, { timeout: 1e4, signal });
  const version = code === 0 ? at(parseJson(stdout), "Version") : void 0;
  return typeof version === "string" && version !== "" ? { file, version } : void 0;
}
function isProgram(env) {
  const directories = (env["PATH"] ?? "").split(import_node_path2.delimiter).filter(import_node_path2.isAbsolute);
  const file = firstOf(
    directories.map((directory) => (0, import_node_path2.join)(directory, "docker")),
    (each) => {
      (0, import_node_fs.accessSync)(each, import_node_fs.constants.X_OK);
      return (0, import_node_fs.statSync)(each).isFile();
    }
  );
  if (file === void 0 || (0, import_node_path2.basename)((0, import_node_fs.realpathSync)(file)).startsWith("podman")) return false;
  return beginning(file) === "\x7FELF";
}
function beginning(file) {
  const opened = (0, import_node_fs.openSync)(file, "r");
  const bytes = Buffer.alloc(4);
  try {
    return bytes.toString("latin1", 0, (0, import_node_fs.readSync)(opened, bytes, 0, 4, 0));
  } finally {
    (0, import_node_fs.closeSync)(opened);
  }
}
function firstOf(files, fits) {
  return files.find((file) => {
    try {
      return fits(file);
    } catch {
      return false;
    }
  });
}
var speaksTls = (env) => ["DOCKER_TLS_VERIFY", "DOCKER_TLS"].some((name2) => (env[name2] ?? "") !== "");
async function plugIn(file, directory) {
  const place = (0, import_node_path2.join)(directory, (0, import_node_path2.basename)(file));
  await rm(place, { force: true });
  await symlink(file, place);
}
var withoutClient = (run, buildx) => (command, options) => {
  const [first, ...args] = command.args;
  return buildx !== void 0 && command.file === "docker" && first === "buildx" ? run({ ...command, file: buildx, args }, options) : run(command, options);
};

// src/build/probe.ts
var get = (...args) => process.getBuiltinModule("node:http").get(...args);

// src/build/probe.ts
var patience2 = 5e3;
function probeDocker({ run, cancelled }, { facts, buildx }) {
  const docker = Promise.all([facts, buildx]).then((all) => readBoth(...all) ?? askDocker(run, cancelled));
  docker.catch(() => void 0);
  const insecure = facts.then(async (known) => known ? insecureRegistries(known) : (await docker).insecure);
  return { docker, insecure: insecure.catch(() => ({ hosts: [], cidrs: [] })) };
}
function lookAtDocker({ run, env, cancelled }, wait = patience2) {
  const engine = findEngine(env);
  const buildx = engine && findPlugin(run, env, engine.config, "buildx", cancelled);
  const facts = engine && factsOf(engine, cancelled, wait);
  return {
    facts: Promise.resolve(facts).catch(() => void 0),
    buildx: Promise.resolve(buildx).catch(() => void 0)
  };
}
function findEngine(env) {
  try {
    const config = parseJson(textOf((0, import_node_path3.join)(dockerDirectory(env), "config.json")));
    const socket = socketOf(env, config);
    return socket !== void 0 && isProgram(env) ? { socket, config } : void 0;
  } catch {
    return void 0;
  }
}
function textOf(file) {
  try {
    return (0, import_node_fs2.readFileSync)(file, "utf8");
  } catch {
    return "{}";
  }
}
async function factsOf({ socket }, cancelled, wait) {
  const facts = await infoOf(socket, AbortSignal.any([cancelled, AbortSignal.timeout(wait)]));
  return at(facts, "OSType") === "linux" && at(facts, "ServerVersion") ? facts : void 0;
}
function readBoth(facts, buildx) {
  if (facts === void 0 || buildx === void 0) return void 0;
  const client = { Context: "default", Plugins: [{ Name: "buildx", Version: buildx.version }] };
  return { ...readDocker({ ...facts, ClientInfo: client }), buildx: buildx.file };
}
function socketOf(env, config) {
  if (speaksTls(env)) return void 0;
  const host = env["DOCKER_HOST"] ?? "";
  if (host !== "") return host.startsWith("unix:///") ? host.slice("unix://".length) : void 0;
  const context = env["DOCKER_CONTEXT"] || at(config, "currentContext") || "default";
  return context === "default" && config !== void 0 ? "/var/run/docker.sock" : void 0;
}
function infoOf(socketPath, signal) {
  const { promise, resolve: resolve2, reject } = Promise.withResolvers();
  const request = get({ socketPath, path: "/info", headers: { host: "docker" }, signal }, (response) => {
    const docker = String(response.headers.server ?? "").startsWith("Docker/");
    if (response.statusCode !== 200 || !docker) {
      response.resume();
      return resolve2(void 0);
    }
    response.setEncoding("utf8").toArray().then((chunks) => resolve2(parseJson(chunks.join(""))), reject);
  });
  request.on("error", reject);
  return promise;
}

// src/findings.ts
var noFindings = () => ({ problems: [], warnings: [] });

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
  const fault2 = reasons.find((reason) => !(reason instanceof Failure));
  if (fault2 !== void 0) throw fault2;
  const [first] = failures;
  if (first !== void 0) throw failures.length === 1 ? first : new Failure(first.stage, distinct(failures));
  return ends2.map((end) => end.status === "fulfilled" ? end.value : void 0);
}
function distinct(failures) {
  const seen = new Map(failures.flatMap(({ problems }) => problems).map((problem) => [problem.cause, problem]));
  return [...seen.values()];
}
var parse = (...args) => __require("./vendor/csv-parse-sync.cjs").parse(...args);

// src/lists.ts
var lines = (text2) => text2.split(/\r\n|\r|\n/).map((line) => line.trim()).filter((line) => line !== "");
function list2(text2, input, findings, syntax = {}) {
  const entries2 = records(text2, input, findings, syntax).flatMap(
    (cells2) => syntax.wholeLines === true ? [cells2.join(",")] : cells2
  );
  const kept = syntax.keepBlanks === true ? entries2 : entries2.map((entry) => entry.trim());
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
var parse2 = (...args) => __require("./vendor/csv-parse-sync.cjs").parse(...args);

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
    return parse2(text2, { relax_quotes: true, relax_column_count: true })[0] ?? [];
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
  const outputs = list2(inputs.outputs, "outputs", findings, { wholeLines: true, keepQuotes: true });
  const load = boolean(inputs, "load", findings, false);
  const method = inputs.call === "build" ? "" : inputs.call;
  const elsewhere = load || outputs.length > 0 || method !== "";
  const asked = inputs.push === "" ? void 0 : boolean(inputs, "push", findings, true);
  if (method !== "") {
    refuseWithCall({ push: asked === true, load, outputs: outputs.length > 0 }, method, findings);
    return { kind: "call", method };
  }
  const allowed = mayPush(asked, context, findings);
  const kept = allowed ? outputs : outputs.filter((each) => !isPushed(each));
  const push = allowed && (asked ?? !elsewhere);
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
  const given = list2(inputs.attests, "attests", findings, { wholeLines: true });
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
  const open = at(context.payload, "repository", "private") === false;
  return [attest("provenance", withBuilderId(open ? "mode=max" : "mode=min,inline-only=true", context))];
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
  const platforms = list2(text2, "platforms", findings).map(normalize);
  for (const platform of platforms.filter((each) => !isPlatform(each))) {
    findings.problems.push({
      input: "platforms",
      cause: `\`platforms\` names \`${platform}\`, which is no platform.`,
      remedy: "Write the platforms of the image, such as `linux/amd64,linux/arm64`."
    });
  }
  return [...new Set(platforms)];
}
var architectures2 = [
  ...["amd64", "arm64", "arm", "386", "riscv64", "ppc64le", "ppc64", "s390x", "loong64", "wasm"],
  ...["mips", "mipsle", "mips64", "mips64le"]
];
function normalize(text2) {
  const [first = "", ...rest] = text2.toLowerCase().split("/");
  const architecture2 = aliases[first] ?? first;
  if (architectures2.includes(architecture2.split("/")[0] ?? ""))
    return ["linux", architecture2, ...rest].join("/");
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
  const [system, architecture2 = ""] = platform.split("/");
  const [ownSystem, own = ""] = machine.split("/");
  return system === ownSystem && (architecture2 === own || (alsoNative[own] ?? []).includes(architecture2));
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
  const architecture2 = architectureOf(platform);
  return `qemu-${emulators[architecture2] ?? architecture2}`;
}

// src/build/cache.ts
function planCache(inputs, findings) {
  const entries2 = (input) => list2(inputs[input], input, findings, { wholeLines: true }).map(readEntry);
  return {
    cacheFrom: entries2("cache-from"),
    cacheTo: entries2("cache-to").map(ignoreErrors)
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
var cacheFromArguments = (entries2, scope) => entries2.flatMap(({ text: text2, scopeMissing }) => scopeMissing ? [`${text2},scope=${scope}`, text2] : [text2]);
var cacheToArguments = (entries2, scope) => entries2.map(({ text: text2, scopeMissing }) => scopeMissing ? `${text2},scope=${scope}` : text2);
function cacheScope(image, target) {
  return [image || "build", target].filter((part) => part !== void 0).join("-").replaceAll(",", "-");
}

// src/build/source.ts
var defaultContext = /\{\{\s*defaultContext\s*\}\}/g;
function planSource(inputs, context, findings, exists) {
  const here = (path) => exists((0, import_node_path4.resolve)(context.workspace, path));
  const given = inputs.context;
  if (given === "") {
    const checkedOut = here(".git") || here(inputs.file || "Dockerfile");
    return checkedOut ? { kind: "directory", path: "." } : commit(context, "");
  }
  const [whole, subdirectory = ""] = /^\{\{\s*defaultContext\s*\}\}(?::(.*))?$/.exec(given) ?? [];
  if (whole !== void 0) return commit(context, subdirectory);
  const more = given.match(defaultContext) !== null;
  if (more) findings.problems.push(moreThanDefault(given));
  if (isRemote(given)) return { kind: "remote", url: given };
  if (!more && !here(given)) findings.problems.push(notThere(given));
  return { kind: "directory", path: given };
}
var moreThanDefault = (given) => ({
  input: "context",
  cause: `\`context\` is \`${given}\`, and \`{{defaultContext}}\` is this commit as a whole.`,
  remedy: "Write `{{defaultContext}}`, or `{{defaultContext}}:DIRECTORY` for one of its directories."
});
function requireDockerfile(source, { file }, { workspace }, { problems }, exists) {
  if (source.kind !== "directory" || isRemote(source.path) || isRemote(file)) return;
  const directory = (0, import_node_path4.resolve)(workspace, source.path);
  const names = file === "" ? ["Dockerfile", "dockerfile"].map((name2) => (0, import_node_path4.join)(directory, name2)) : [(0, import_node_path4.resolve)(workspace, file)];
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

// src/image/commit-tag.ts
var label2 = "org.opencontainers.image.revision=";
var revisionOf = ({ labels }) => labels.find((line) => line.startsWith(label2))?.slice(label2.length) ?? "";
function commitTag(image) {
  const short = revisionOf(image).slice(0, 7);
  if (short.length < 7) return void 0;
  const found = image.tags.map(parseReference).filter((each) => "registry" in each);
  return found.find(({ tag = "" }) => tag.includes(short));
}

// src/image/template.ts
var TemplateError = class extends Error {
  remedy;
  constructor(message, remedy) {
    super(message);
    this.remedy = remedy;
  }
};
function render(template, expressions) {
  const unknown = [];
  const text2 = template.replace(mustache, (whole, mark, triple, double = "") => {
    if (mark === void 0) throw new TemplateError(`has \`${whole}\`, which is never closed`);
    if (mark !== "") return whole.slice(1);
    if (triple === void 0 && double.startsWith("!")) return "";
    const plain2 = triple ?? (double.startsWith("&") ? double.slice(1) : void 0);
    const { name: name2, ...call } = parseCall(plain2 ?? double, whole);
    const expression = expressions[name2];
    if (expression === void 0) {
      if (call.args.length > 0) throw new TemplateError(`uses \`${name2}\`, which nothing is known of`);
      unknown.push(name2);
      return "";
    }
    return plain2 === void 0 ? escapeHtml(expression(call)) : expression(call);
  });
  return { text: text2, unknown };
}
var isOnly = (name2, template) => new RegExp(`^\\{\\{\\{?&?\\s*${name2}\\s*\\}?\\}\\}$`).test(template);
var outside = (template) => template.replace(mustache, "");
var mustache = /(\\?)\{\{(?:\{([\s\S]*?)\}|([\s\S]*?))\}\}|\{\{[\s\S]*$/g;
var token = /\s*(?:([\w-]+)=)?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s'"]+))/y;
function parseCall(inside2, whole) {
  const [, name2, rest = ""] = /^\s*([A-Za-z_][\w-]*)((?:\s[\s\S]*)?)$/.exec(inside2) ?? [];
  if (name2 === void 0) throw new TemplateError(`has \`${whole}\`, which is not understood`);
  const args = [];
  const options = {};
  for (let at2 = 0; rest.slice(at2).trim() !== ""; at2 = token.lastIndex) {
    token.lastIndex = at2;
    const [, key, single, double, bare] = token.exec(rest) ?? [];
    const value = single ?? double;
    if (value === void 0) {
      throw new TemplateError(`has \`${whole}\`, in which ${bare ?? "something"} is not in quotes`);
    }
    const plain2 = value.replace(/\\(['"])/g, "$1");
    if (key === void 0) args.push(plain2);
    else options[key] = plain2;
  }
  return { name: name2, args, options };
}
var entities = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#x27;",
  "`": "&#x60;",
  "=": "&#x3D;"
};
var escapeHtml = (text2) => text2.replace(/[&<>"'`=]/g, (found) => entities[found] ?? found);

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

// src/nearest.ts
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
var ecrRemedy = "Run aws-actions/amazon-ecr-login before this step, and give its outputs `docker_username_\u2026` and `docker_password_\u2026`: the server pulls with them, too.";
var apiHost = (registry) => registry === dockerHub ? "registry-1.docker.io" : registry;
function isOwnRegistry(registry, { serverUrl }) {
  const forge = URL.canParse(serverUrl) ? new URL(serverUrl).host : "";
  if (forge === "github.com") return registry === "ghcr.io";
  return forge !== "" && [forge, `containers.${forge}`].includes(registry);
}

// src/bring/inside.ts
var inside = (path) => !path.startsWith("/") && path !== ".." && !path.startsWith("../") && !/^\.slipway(?:\/|$)/.test(path);
var within = (path, directory) => !/^\.\.(?:\/|$)/.test((0, import_node_path5.relative)(directory, path));
function parentsOf(path) {
  const parent = (0, import_node_path5.dirname)(path);
  return parent === "." || parent === path ? [] : [parent, ...parentsOf(parent)];
}
var hasControl = (name2) => [...name2].some((char) => char < " " || char === "\x7F" || char === "\\");

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
  return entries("/proc").filter((name2) => /^\d+$/.test(name2) && environ(name2).includes(`${marker}=${mark}`)).map(Number);
}
function entries(directory) {
  try {
    return (0, import_node_fs3.readdirSync)(directory);
  } catch {
    return [];
  }
}
function environ(pid) {
  try {
    return (0, import_node_fs3.readFileSync)(`/proc/${pid}/environ`, "utf8").split("\0");
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
var forCommands = (env) => Object.fromEntries(Object.entries(env).filter(([name2]) => !/^BUILDER_NODE_\d+_AUTH_TLS_/.test(name2)));

// src/report/tell.ts
function tell(log, error2) {
  if (error2 instanceof Failure) for (const problem of error2.problems) tellProblem(log, error2.stage, problem);
  else log.error(fault(error2), { title: "slipway: a fault of its own" });
}
function tellProblem(log, stage, { cause, remedy, output, at: at2 }) {
  for (const line of output?.split("\n") ?? []) log.foreign(`  ${line}`);
  log.error(remedy === void 0 ? cause : `${cause}
${remedy}`, { title: `slipway: ${stage}`, ...at2 });
}
var fault = (error2) => error2 instanceof Error ? error2.stack ?? error2.message : String(error2);
module.exports = {
  ExitCode,
  Failure,
  TemplateError,
  __callDispose,
  __require,
  __using,
  annotationLines,
  apiHost,
  architectureOf,
  asksForDigest,
  at,
  attributes,
  boolean,
  buildxDirectory,
  cacheFromArguments,
  cacheScope,
  cacheToArguments,
  commitTag,
  configKey,
  currentBuilder,
  dockerDirectory,
  dockerHub,
  ecrRemedy,
  emulatorOf,
  exportVariable,
  exportsTo,
  familiar,
  fillContext,
  forCommands,
  forgetRun,
  formatReference,
  hasControl,
  inputNames,
  inside,
  integer,
  isAttested,
  isByDigest,
  isDigest,
  isNative,
  isOnly,
  isOwnRegistry,
  isRemote,
  isSecret,
  isTag,
  lastLines,
  lineSplitter,
  lines,
  list: list2,
  localRun,
  lookAtDocker,
  metadataOutputs,
  metadataVariables,
  nearest,
  needsEcrLogin,
  noFindings,
  normalize,
  outside,
  ownEnvironment,
  parentsOf,
  parseReference,
  plainLog,
  planAttestations,
  planCache,
  planPlatforms,
  planResult,
  planSource,
  plugIn,
  probeDocker,
  pushes,
  readContext,
  readInputs,
  records,
  registryHost,
  registryOf,
  remember,
  remembered,
  render,
  repositoryName,
  requireDockerfile,
  revisionOf,
  runnerLog,
  sameRepository,
  seconds,
  setOutput,
  sourceArgument,
  speaksTls,
  stopwatch,
  substituteMeta,
  tagRule,
  tell,
  together,
  trustOf,
  unknownInputs,
  within,
  withoutClient
};
