var __create = Object.create;
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __getProtoOf = Object.getPrototypeOf;
var __hasOwnProp = Object.prototype.hasOwnProperty;
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
var import_shared = require("./shared.cjs");
var rm = (...args) => process.getBuiltinModule("node:fs/promises").rm(...args);

// src/undo.ts
async function undo(run, record) {
  switch (record.kind) {
    case "directory":
      return await rm(record.path, { recursive: true, force: true });
    case "builder": {
      const { removeCommand, withoutClient } = await Promise.resolve().then(() => __toESM(require("./later.cjs")));
      const remove = { ...removeCommand(record.name, record.keepState), env: record.env };
      await withoutClient(run, record.buildx)(remove);
      return;
    }
    case "login": {
      const { endLogin } = await Promise.resolve().then(() => __toESM(require("./later.cjs")));
      return await endLogin(run, record);
    }
    default:
      return record;
  }
}

// src/cleanup.ts
async function cleanUp(records2) {
  const inputs = (0, import_shared.readInputs)(process.env);
  const log = (0, import_shared.readContext)(process.env, "").onRunner ? (0, import_shared.runnerLog)() : (0, import_shared.plainLog)(process.stdout);
  for (const name of import_shared.inputNames) if ((0, import_shared.isSecret)(name)) log.mask(inputs[name]);
  const env = (0, import_shared.ownEnvironment)(process.env);
  const run = (0, import_shared.localRun)((0, import_shared.forCommands)(env));
  for (const record of records2) {
    const ended = record.kind === "run" ? followToEnd(record, inputs, env, log) : undo(run, record);
    await ended.catch((error) => log.warning(`Cleaning up failed: ${String(error)}`));
  }
}
async function followToEnd(run, inputs, env, log) {
  const { tellUnfinished } = await Promise.resolve().then(() => __toESM(require("./later.cjs")));
  await tellUnfinished(run, inputs, env, log);
}
var records = (0, import_shared.remembered)();
if (records.length > 0) void cleanUp(records);
