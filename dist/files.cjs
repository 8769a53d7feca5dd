var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);
var import_shared = require("./shared.cjs");
var import_node_fs = require("node:fs");
var import_node_path = require("node:path");

// src/bring/files.ts
var glob = (...args) => process.getBuiltinModule("node:fs/promises").glob(...args);
var readdir = (...args) => process.getBuiltinModule("node:fs/promises").readdir(...args);

// src/bring/files.ts
async function findFiles(text, workspace, findings) {
  const found = /* @__PURE__ */ new Map();
  for (const line of (0, import_shared.lines)(text)) {
    const [local = "", remote, ...more] = line.split(/\s+->\s+/);
    const from = import_node_path.posix.normalize(local);
    const to = remote === void 0 ? void 0 : import_node_path.posix.normalize(remote);
    if (more.length > 0 || !(0, import_shared.inside)(from) || to !== void 0 && !(0, import_shared.inside)(to) || !(0, import_node_fs.existsSync)(workspace)) {
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
  const matches = state?.isDirectory() ? await filesIn(path) : await matchesOf(from, workspace);
  return matches.map((local) => {
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
  const entries = await readdir(directory, { recursive: true });
  return entries.filter(isOwn).map((entry) => (0, import_node_path.join)(directory, entry)).filter(isFile);
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
  if (real.startsWith("..") || !(0, import_shared.inside)(remote)) problems.push(outside((0, import_node_path.relative)(workspace, local)));
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
var hasControl = (name) => [...name].some((char) => char < " " || char === "\x7F" || char === "\\");
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
module.exports = {
  findFiles
};
