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
var import_node_tls = require("node:tls");
var request = (...args) => process.getBuiltinModule("node:http").request(...args);
var request2 = (...args) => process.getBuiltinModule("node:https").request(...args);
var isIP = (...args) => process.getBuiltinModule("node:net").isIP(...args);
var setTimeout = (...args) => process.getBuiltinModule("node:timers/promises").setTimeout(...args);

// src/check/check.ts
var pause = 1e3;
var patience = 1e4;
var bodyLimit = 1e6;
async function check(plan, tell, signal, dial) {
  const deadline = Date.now() + plan.timeout * 1e3;
  let last = "";
  for (let attempts = 1; ; attempts++) {
    const reason = await attempt(plan, Math.min(patience, Math.max(deadline - Date.now(), 1)), dial);
    if (reason === void 0) return { passed: true, attempts };
    if (reason !== last) tell(reason);
    last = reason;
    if (signal.aborted || Date.now() + pause >= deadline) return { passed: false, attempts, reason };
    await setTimeout(pause);
  }
}
async function attempt(plan, timeout, dial) {
  try {
    const { status, body } = await get(plan.url, timeout, dial);
    if (!plan.status.some(([low, high]) => status >= low && status <= high)) return `it answers ${status}`;
    if (!body.includes(plan.contains)) return `it answers ${status}, without ${JSON.stringify(plan.contains)}`;
    return void 0;
  } catch (error) {
    return `it does not answer: ${error instanceof Error ? error.message || error.name : String(error)}`;
  }
}
async function get(url, timeout, dial) {
  const signal = AbortSignal.timeout(timeout);
  const stream = dial && await dialled(url, dial, signal);
  return new Promise((resolve, reject) => {
    const request3 = (url.protocol === "https:" && stream === void 0 ? request2 : request)(
      url,
      {
        signal,
        headers: { "user-agent": "slipway", connection: "close" },
        ...stream === void 0 ? { agent: false } : { createConnection: () => stream, protocol: "http:" }
      },
      async (response) => {
        let body = "";
        try {
          for await (const chunk of response.setEncoding("utf8")) if (body.length < bodyLimit) body += chunk;
          resolve({ status: response.statusCode ?? 0, body });
        } catch (error) {
          reject(error);
        }
      }
    );
    request3.on("error", reject);
    request3.end();
  });
}
async function dialled(url, dial, signal) {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  const socket = await inTime(dial(host, port), signal);
  if (url.protocol !== "https:") return socket;
  return (0, import_node_tls.connect)({ socket, host, ...isIP(host) === 0 ? { servername: host } : {} });
}
function inTime(stream, signal) {
  const { promise, resolve, reject } = Promise.withResolvers();
  stream.then(resolve, reject);
  signal.addEventListener("abort", () => {
    reject(signal.reason);
    stream.then(
      (late) => late.destroy(),
      () => void 0
    );
  });
  return promise;
}
module.exports = {
  check
};
