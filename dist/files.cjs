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
var import_node_fs2 = require("node:fs");
var import_node_path2 = require("node:path");

// src/bring/files.ts

// src/bring/walk.ts
var glob = (...args) => process.getBuiltinModule("node:fs/promises").glob(...args);
var readdir = (...args) => process.getBuiltinModule("node:fs/promises").readdir(...args);

// src/bring/walk.ts
function kindOf(path) {
  try {
    const state = (0, import_node_fs2.statSync)(path, { throwIfNoEntry: false });
    return state?.isFile() ? "file" : state?.isDirectory() ? "directory" : void 0;
  } catch (error) {
    if (error.code === "ELOOP") return "round";
    throw error;
  }
}
var isOwn = (path) => !/(?:^|\/)\.git(?:\/|$)/.test(path);
async function filesIn(directory, workspace, leadsAstray) {
  const root = (0, import_node_fs2.realpathSync)(workspace);
  const found = [];
  async function walk(path, real, above) {
    if (!(0, import_shared.within)(real, root)) return leadsAstray(path, "out");
    if (above.some((each) => (0, import_shared.within)(each, real))) return leadsAstray(path, "round");
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (!isOwn(entry.name)) continue;
      const next = (0, import_node_path2.join)(path, entry.name);
      const kind = entry.isFile() ? "file" : kindOf(next);
      if (kind === "file") found.push(next);
      if (kind === "round") leadsAstray(next, "round");
      if (kind === "directory")
        await walk(next, entry.isSymbolicLink() ? (0, import_node_fs2.realpathSync)(next) : (0, import_node_path2.join)(real, entry.name), [
          ...above,
          real
        ]);
    }
  }
  await walk(directory, (0, import_node_fs2.realpathSync)(directory), []);
  return found;
}
async function filesLike(pattern, workspace, leadsAstray) {
  const found = /* @__PURE__ */ new Set();
  const directories = /* @__PURE__ */ new Set();
  for await (const entry of glob(pattern, { cwd: workspace })) {
    if (!isOwn(entry)) continue;
    const path = (0, import_node_path2.join)(workspace, entry);
    const kind = kindOf(path);
    if (kind === "file") found.add(path);
    if (kind === "round") leadsAstray(path, "round");
    if (kind === "directory" && !goesIn(pattern)) directories.add(path);
  }
  for (const directory of directories) {
    if ((0, import_shared.parentsOf)(directory).some((parent) => directories.has(parent))) continue;
    for (const file of await filesIn(directory, workspace, leadsAstray)) found.add(file);
  }
  return [...found];
}
var goesIn = (pattern) => /(?:^|\/)\*\*(?:\/\*)?\/?$/.test(pattern);

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
    const before = findings.problems.length;
    const files = await filesOf(from, to, workspace, (path, where) => {
      const name = (0, import_node_path.relative)(workspace, path);
      findings.problems.push(where === "out" ? outside(name) : round(name));
    });
    const silent = findings.problems.length === before;
    if (files.length === 0 && silent) findings.problems.push(nothing(line, workspace));
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
var round = (path) => ({
  input: "files",
  cause: `\`files\` brings \`${path}\`, a link that leads round in a circle.`,
  remedy: "Remove the link, or name what is beside it."
});
async function filesOf(from, to, workspace, leadsAstray) {
  const path = (0, import_node_path.join)(workspace, from);
  const kind = kindOf(path);
  if (kind === "file") {
    const remote = to === void 0 ? from : to === "." || to.endsWith("/") ? (0, import_node_path.join)(to, import_node_path.posix.basename(from)) : to;
    return [{ local: path, remote: import_node_path.posix.normalize(remote) }];
  }
  const start = kind === "directory" ? from : fixedPart(from);
  const found = await (kind === "directory" ? filesIn(path, workspace, leadsAstray) : filesLike(from, workspace, leadsAstray));
  return found.map((local) => {
    const rest = (0, import_node_path.relative)((0, import_node_path.join)(workspace, start), local).split(import_node_path.sep).join("/");
    return { local, remote: import_node_path.posix.normalize(import_node_path.posix.join(to ?? start, rest)) };
  });
}
function fixedPart(pattern) {
  const parts = pattern.split("/");
  const wild = parts.findIndex((part) => /[*?[\]{}!]/.test(part));
  return parts.slice(0, wild < 0 ? -1 : wild).join("/") || ".";
}
function take(file, found, workspace, { problems }) {
  const { local, remote } = file;
  const leaves = !(0, import_shared.within)((0, import_node_fs.realpathSync)(local), (0, import_node_fs.realpathSync)(workspace));
  const other = found.get(remote);
  if (leaves || !(0, import_shared.inside)(remote)) problems.push(outside((0, import_node_path.relative)(workspace, local)));
  else if ((0, import_shared.hasControl)(remote)) {
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
function refuseBoth(found, { problems }) {
  const told = /* @__PURE__ */ new Set();
  for (const remote of found.keys()) {
    const above = (0, import_shared.parentsOf)(remote).find((parent) => found.has(parent));
    if (above === void 0 || told.has(above)) continue;
    told.add(above);
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
