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
  var next2 = (it) => {
    while (it = stack.pop()) {
      try {
        var result = it[1] && it[1].call(it[2]);
        if (it[0]) return Promise.resolve(result).then(next2, (e) => (fail(e), next2()));
      } catch (e) {
        fail(e);
      }
    }
    if (hasError) throw error2;
  };
  return next2();
};

// src/main.ts
var import_node_fs3 = require("node:fs");

// node_modules/@actions/core/lib/command.js
var os = __toESM(require("os"), 1);

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

// node_modules/@actions/core/lib/file-command.js
var crypto = __toESM(require("crypto"), 1);
var fs = __toESM(require("fs"), 1);
var os2 = __toESM(require("os"), 1);
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
  const delimiter2 = `ghadelimiter_${crypto.randomUUID()}`;
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
var os5 = __toESM(require("os"));

// node_modules/@actions/core/lib/summary.js
var import_os = require("os");
var import_fs = require("fs");
var __awaiter = function(thisArg, _arguments, P, generator) {
  function adopt(value) {
    return value instanceof P ? value : new P(function(resolve4) {
      resolve4(value);
    });
  }
  return new (P || (P = Promise))(function(resolve4, reject) {
    function fulfilled(value) {
      try {
        step2(generator.next(value));
      } catch (e) {
        reject(e);
      }
    }
    function rejected(value) {
      try {
        step2(generator["throw"](value));
      } catch (e) {
        reject(e);
      }
    }
    function step2(result) {
      result.done ? resolve4(result.value) : adopt(result.value).then(fulfilled, rejected);
    }
    step2((generator = generator.apply(thisArg, _arguments || [])).next());
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
    return __awaiter(this, void 0, void 0, function* () {
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
    return __awaiter(this, void 0, void 0, function* () {
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
    return __awaiter(this, void 0, void 0, function* () {
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
  addRaw(text5, addEOL = false) {
    this._buffer += text5;
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
  addCodeBlock(code2, lang) {
    const attrs = Object.assign({}, lang && { lang });
    const element = this.wrap("pre", this.wrap("code", code2), attrs);
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
      const cells2 = row.map((cell2) => {
        if (typeof cell2 === "string") {
          return this.wrap("td", cell2);
        }
        const { header, data, colspan, rowspan } = cell2;
        const tag = header ? "th" : "td";
        const attrs = Object.assign(Object.assign({}, colspan && { colspan }), rowspan && { rowspan });
        return this.wrap(tag, data, attrs);
      }).join("");
      return this.wrap("tr", cells2);
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
  addDetails(label2, content) {
    const element = this.wrap("details", this.wrap("summary", label2) + content);
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
  addHeading(text5, level2) {
    const tag = `h${level2}`;
    const allowedTag = ["h1", "h2", "h3", "h4", "h5", "h6"].includes(tag) ? tag : "h1";
    const element = this.wrap(allowedTag, text5);
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
  addQuote(text5, cite) {
    const attrs = Object.assign({}, cite && { cite });
    const element = this.wrap("blockquote", text5, attrs);
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
  addLink(text5, href) {
    const element = this.wrap("a", text5, { href });
    return this.addRaw(element).addEOL();
  }
};
var _summary = new Summary();
var summary = _summary;

// node_modules/@actions/core/lib/platform.js
var import_os2 = __toESM(require("os"), 1);

// node_modules/@actions/exec/lib/toolrunner.js
var os3 = __toESM(require("os"), 1);
var events = __toESM(require("events"), 1);
var child = __toESM(require("child_process"), 1);
var path3 = __toESM(require("path"), 1);

// node_modules/@actions/io/lib/io.js
var path2 = __toESM(require("path"));

// node_modules/@actions/io/lib/io-util.js
var fs2 = __toESM(require("fs"));
var path = __toESM(require("path"));
var __awaiter2 = function(thisArg, _arguments, P, generator) {
  function adopt(value) {
    return value instanceof P ? value : new P(function(resolve4) {
      resolve4(value);
    });
  }
  return new (P || (P = Promise))(function(resolve4, reject) {
    function fulfilled(value) {
      try {
        step2(generator.next(value));
      } catch (e) {
        reject(e);
      }
    }
    function rejected(value) {
      try {
        step2(generator["throw"](value));
      } catch (e) {
        reject(e);
      }
    }
    function step2(result) {
      result.done ? resolve4(result.value) : adopt(result.value).then(fulfilled, rejected);
    }
    step2((generator = generator.apply(thisArg, _arguments || [])).next());
  });
};
var { chmod, copyFile, lstat, mkdir, open, readdir, rename, rm, rmdir, stat, symlink, unlink } = fs2.promises;
var IS_WINDOWS = process.platform === "win32";
var READONLY = fs2.constants.O_RDONLY;
function exists(fsPath) {
  return __awaiter2(this, void 0, void 0, function* () {
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
  return __awaiter2(this, void 0, void 0, function* () {
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
var __awaiter3 = function(thisArg, _arguments, P, generator) {
  function adopt(value) {
    return value instanceof P ? value : new P(function(resolve4) {
      resolve4(value);
    });
  }
  return new (P || (P = Promise))(function(resolve4, reject) {
    function fulfilled(value) {
      try {
        step2(generator.next(value));
      } catch (e) {
        reject(e);
      }
    }
    function rejected(value) {
      try {
        step2(generator["throw"](value));
      } catch (e) {
        reject(e);
      }
    }
    function step2(result) {
      result.done ? resolve4(result.value) : adopt(result.value).then(fulfilled, rejected);
    }
    step2((generator = generator.apply(thisArg, _arguments || [])).next());
  });
};
function which(tool, check) {
  return __awaiter3(this, void 0, void 0, function* () {
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
  return __awaiter3(this, void 0, void 0, function* () {
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
var __awaiter4 = function(thisArg, _arguments, P, generator) {
  function adopt(value) {
    return value instanceof P ? value : new P(function(resolve4) {
      resolve4(value);
    });
  }
  return new (P || (P = Promise))(function(resolve4, reject) {
    function fulfilled(value) {
      try {
        step2(generator.next(value));
      } catch (e) {
        reject(e);
      }
    }
    function rejected(value) {
      try {
        step2(generator["throw"](value));
      } catch (e) {
        reject(e);
      }
    }
    function step2(result) {
      result.done ? resolve4(result.value) : adopt(result.value).then(fulfilled, rejected);
    }
    step2((generator = generator.apply(thisArg, _arguments || [])).next());
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
      let n = s.indexOf(os3.EOL);
      while (n > -1) {
        const line = s.substring(0, n);
        onLine(line);
        s = s.substring(n + os3.EOL.length);
        n = s.indexOf(os3.EOL);
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
    return __awaiter4(this, void 0, void 0, function* () {
      if (!isRooted(this.toolPath) && (this.toolPath.includes("/") || IS_WINDOWS2 && this.toolPath.includes("\\"))) {
        this.toolPath = path3.resolve(process.cwd(), this.options.cwd || process.cwd(), this.toolPath);
      }
      this.toolPath = yield which(this.toolPath, true);
      return new Promise((resolve4, reject) => __awaiter4(this, void 0, void 0, function* () {
        this._debug(`exec tool: ${this.toolPath}`);
        this._debug("arguments:");
        for (const arg of this.args) {
          this._debug(`   ${arg}`);
        }
        const optionsNonNull = this._cloneExecOptions(this.options);
        if (!optionsNonNull.silent && optionsNonNull.outStream) {
          optionsNonNull.outStream.write(this._getCommandString(optionsNonNull) + os3.EOL);
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
        cp.on("exit", (code2) => {
          state.processExitCode = code2;
          state.processExited = true;
          this._debug(`Exit code ${code2} received from tool '${this.toolPath}'`);
          state.CheckComplete();
        });
        cp.on("close", (code2) => {
          state.processExitCode = code2;
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
            resolve4(exitCode);
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
var __awaiter5 = function(thisArg, _arguments, P, generator) {
  function adopt(value) {
    return value instanceof P ? value : new P(function(resolve4) {
      resolve4(value);
    });
  }
  return new (P || (P = Promise))(function(resolve4, reject) {
    function fulfilled(value) {
      try {
        step2(generator.next(value));
      } catch (e) {
        reject(e);
      }
    }
    function rejected(value) {
      try {
        step2(generator["throw"](value));
      } catch (e) {
        reject(e);
      }
    }
    function step2(result) {
      result.done ? resolve4(result.value) : adopt(result.value).then(fulfilled, rejected);
    }
    step2((generator = generator.apply(thisArg, _arguments || [])).next());
  });
};
function exec(commandLine, args, options) {
  return __awaiter5(this, void 0, void 0, function* () {
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

// node_modules/@actions/core/lib/platform.js
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
function setOutput(name2, value) {
  const filePath = process.env["GITHUB_OUTPUT"] || "";
  if (filePath) {
    return issueFileCommand("OUTPUT", prepareKeyValueMessage(name2, value));
  }
  process.stdout.write(os5.EOL);
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
  process.stdout.write(message + os5.EOL);
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
function at(value, ...path4) {
  return path4.reduce(
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
function unknownInputs(env2) {
  const known = new Set(inputNames.map(variable));
  return Object.keys(env2).filter((name2) => name2.startsWith("INPUT_") && name2 !== "INPUT_" && !known.has(name2)).map((name2) => name2.slice("INPUT_".length).toLowerCase());
}

// src/local.ts
var import_node_fs = require("node:fs");

// src/lines.ts
var import_node_string_decoder = require("node:string_decoder");
function lineSplitter(onLine) {
  const decoder = new import_node_string_decoder.StringDecoder("utf8");
  let rest = "";
  const push = (text5) => {
    const lines2 = (rest + text5).split("\n");
    rest = lines2.pop() ?? "";
    for (const line of lines2) onLine(line.replace(/\r$/, ""));
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

// src/local.ts
var marker = "SLIPWAY_COMMAND";
var grace = 3e3;
function localRun(env2) {
  let count = 0;
  return async (command, options = {}) => {
    const mark2 = `${process.pid}.${++count}`;
    const ended = new AbortController();
    const cancel2 = () => endTree(mark2, ended.signal);
    const timer = options.timeout === void 0 ? void 0 : setTimeout(cancel2, options.timeout);
    options.signal?.addEventListener("abort", cancel2);
    try {
      if (options.signal?.aborted) return { code: null, stdout: "", stderr: "" };
      return await execute(command, { ...env2, ...command.env, [marker]: mark2 }, options);
    } finally {
      ended.abort();
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", cancel2);
    }
  };
}
async function execute(command, env2, { onLine }) {
  const out = collect((line) => onLine?.(line, "stdout"));
  const err = collect((line) => onLine?.(line, "stderr"));
  const code2 = await exec(`"${command.file}"`, [...command.args], {
    env: env2,
    silent: true,
    ignoreReturnCode: true,
    ...command.stdin === void 0 ? {} : { input: Buffer.from(command.stdin) },
    listeners: { stdout: out.add, stderr: err.add }
  });
  return { code: code2 ?? null, stdout: out.end(), stderr: err.end() };
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

// src/log.ts
function inert(line) {
  const shown2 = line.replaceAll("##[", "# #[");
  return shown2.trimStart().startsWith("::") ? `| ${shown2}` : shown2;
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
    line: (text5) => info(secrets.hide(text5).split("\n").map(inert).join("\n")),
    foreign: (text5) => info(inert(secrets.hide(text5))),
    notice: (text5, at2) => notice(secrets.hide(text5), annotation(at2)),
    warning: (text5, at2) => warning(secrets.hide(text5), annotation(at2)),
    error: (text5, at2) => error(secrets.hide(text5), annotation(at2)),
    mask(secret) {
      if (secrets.add(secret)) setSecret(secret);
    }
  };
}
function plainLog(out) {
  const secrets = new Secrets();
  const write = (text5) => out.write(`${secrets.hide(text5)}
`);
  return {
    async group(title, work) {
      write(`
== ${title}`);
      return await work();
    },
    line: write,
    foreign: write,
    notice: (text5) => write(`notice: ${text5}`),
    warning: (text5) => write(`warning: ${text5}`),
    error: (text5) => write(`error: ${text5}`),
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
  hide(text5) {
    let shown2 = text5;
    for (const secret of this.#hidden) shown2 = shown2.replaceAll(secret, "***");
    return shown2;
  }
};

// src/github/trust.ts
function trustOf(context2) {
  const { eventName, actor, payload } = context2;
  if (eventName === "pull_request" || eventName.startsWith("pull_request_review")) {
    if (isFork(at(payload, "pull_request", "head", "repo", "full_name"), context2)) return "fork";
  }
  if (eventName === "pull_request_target") {
    if (isFork(at(payload, "pull_request", "head", "repo", "full_name"), context2)) return "fork-with-secrets";
  }
  if (eventName === "workflow_run") {
    if (isFork(at(payload, "workflow_run", "head_repository", "full_name"), context2))
      return "fork-with-secrets";
  }
  return actor === "dependabot[bot]" && eventName !== "workflow_dispatch" ? "dependabot" : "own";
}
var isFork = (head, { repository, payload }) => (head !== void 0 || at(payload, "pull_request") !== void 0) && String(head).toLowerCase() !== repository.toLowerCase();

// node_modules/csv-parse/lib/api/CsvError.js
var CsvError = class _CsvError extends Error {
  constructor(code2, message, options, ...contexts) {
    if (Array.isArray(message)) message = message.join(" ").trim();
    super(message);
    if (Error.captureStackTrace !== void 0) {
      Error.captureStackTrace(this, _CsvError);
    }
    this.code = code2;
    for (const context2 of contexts) {
      for (const key in context2) {
        const value = context2[key];
        this[key] = Buffer.isBuffer(value) ? value.toString(options.encoding) : value == null ? value : JSON.parse(JSON.stringify(value));
      }
    }
  }
};

// node_modules/csv-parse/lib/utils/is_object.js
var is_object = function(obj) {
  return typeof obj === "object" && obj !== null && !Array.isArray(obj);
};

// node_modules/csv-parse/lib/api/normalize_columns_array.js
var normalize_columns_array = function(columns) {
  const normalizedColumns = [];
  for (let i = 0, l = columns.length; i < l; i++) {
    const column = columns[i];
    if (column === void 0 || column === null || column === false) {
      normalizedColumns[i] = { disabled: true };
    } else if (typeof column === "string" || typeof column === "number") {
      normalizedColumns[i] = { name: `${column}` };
    } else if (is_object(column)) {
      if (typeof column.name !== "string") {
        throw new CsvError("CSV_OPTION_COLUMNS_MISSING_NAME", [
          "Option columns missing name:",
          `property "name" is required at position ${i}`,
          "when column is an object literal"
        ]);
      }
      normalizedColumns[i] = column;
    } else {
      throw new CsvError("CSV_INVALID_COLUMN_DEFINITION", [
        "Invalid column definition:",
        "expect a string or a literal object,",
        `got ${JSON.stringify(column)} at position ${i}`
      ]);
    }
  }
  return normalizedColumns;
};

// node_modules/csv-parse/lib/utils/ResizeableBuffer.js
var ResizeableBuffer = class {
  constructor(size2 = 100) {
    this.size = size2;
    this.length = 0;
    this.buf = Buffer.allocUnsafe(size2);
  }
  prepend(val) {
    if (Buffer.isBuffer(val)) {
      const length = this.length + val.length;
      if (length >= this.size) {
        this.resize();
        if (length >= this.size) {
          throw Error("INVALID_BUFFER_STATE");
        }
      }
      const buf = this.buf;
      this.buf = Buffer.allocUnsafe(this.size);
      val.copy(this.buf, 0);
      buf.copy(this.buf, val.length);
      this.length += val.length;
    } else {
      const length = this.length++;
      if (length === this.size) {
        this.resize();
      }
      const buf = this.clone();
      this.buf[0] = val;
      buf.copy(this.buf, 1, 0, length);
    }
  }
  append(val) {
    const length = this.length++;
    if (length === this.size) {
      this.resize();
    }
    this.buf[length] = val;
  }
  clone() {
    return Buffer.from(this.buf.slice(0, this.length));
  }
  resize() {
    const length = this.length;
    this.size = this.size * 2;
    const buf = Buffer.allocUnsafe(this.size);
    this.buf.copy(buf, 0, 0, length);
    this.buf = buf;
  }
  toString(encoding) {
    if (encoding) {
      return this.buf.toString(encoding, 0, this.length);
    } else {
      return Uint8Array.prototype.slice.call(this.buf.slice(0, this.length));
    }
  }
  toJSON() {
    return this.toString("utf8");
  }
  reset() {
    this.length = 0;
  }
};
var ResizeableBuffer_default = ResizeableBuffer;

// node_modules/csv-parse/lib/api/init_state.js
var init_state = function(options) {
  const timchars = [
    // Basic Latin
    32,
    // [Space](https://www.fileformat.info/info/unicode/char/0020/index.htm)
    9,
    // [CHARACTER TABULATION (HT)](https://www.fileformat.info/info/unicode/char/0009/index.htm)
    10,
    // [LINE FEED (LF)](https://www.fileformat.info/info/unicode/char/000a/index.htm)
    13,
    // [CARRIAGE RETURN (CR)](https://www.fileformat.info/info/unicode/char/000d/index.htm)
    12,
    // [FORM FEED (FF)](https://www.fileformat.info/info/unicode/char/000c/index.htm)
    11,
    // [LINE TABULATION (VT)](https://www.fileformat.info/info/unicode/char/000b/index.htm)
    // Latin-1 Supplement
    160,
    // [NO-BREAK SPACE (NBSP)](https://www.fileformat.info/info/unicode/char/00a0/index.htm)
    // Ogham
    5760,
    // [OGHAM SPACE MARK](https://www.fileformat.info/info/unicode/char/1680/index.htm)
    // General Punctuation
    8192,
    // [EN QUAD](https://www.fileformat.info/info/unicode/char/2000/index.htm)
    8193,
    // [EM QUAD](https://www.fileformat.info/info/unicode/char/2001/index.htm)
    8194,
    // [EN SPACE](https://www.fileformat.info/info/unicode/char/2002/index.htm)
    8195,
    // [EM SPACE](https://www.fileformat.info/info/unicode/char/2003/index.htm)
    8196,
    // [THREE-PER-EM SPACE](https://www.fileformat.info/info/unicode/char/2004/index.htm)
    8197,
    // [FOUR-PER-EM SPACE](https://www.fileformat.info/info/unicode/char/2005/index.htm)
    8198,
    // [SIX-PER-EM SPACE](https://www.fileformat.info/info/unicode/char/2006/index.htm)
    8199,
    // [FIGURE SPACE](https://www.fileformat.info/info/unicode/char/2007/index.htm)
    8200,
    // [PUNCTUATION SPACE](https://www.fileformat.info/info/unicode/char/2008/index.htm)
    8201,
    // [THIN SPACE](https://www.fileformat.info/info/unicode/char/2009/index.htm)
    8202,
    // [HAIR SPACE](https://www.fileformat.info/info/unicode/char/200a/index.htm)
    8232,
    // [LINE SEPARATOR](https://www.fileformat.info/info/unicode/char/2028/index.htm)
    8233,
    // [PARAGRAPH SEPARATOR](https://www.fileformat.info/info/unicode/char/2029/index.htm)
    8239,
    // [NARROW NO-BREAK SPACE (NNBSP)](https://www.fileformat.info/info/unicode/char/202f/index.htm)
    8287,
    // [MEDIUM MATHEMATICAL SPACE (MMSP)](https://www.fileformat.info/info/unicode/char/205f/index.htm)
    12288,
    // [IDEOGRAPHIC SPACE](https://www.fileformat.info/info/unicode/char/3000/index.htm)
    65279
    // [ZERO WIDTH NO-BREAK SPACE (BOM)](https://www.fileformat.info/info/unicode/char/feff/index.htm)
  ].reduce((acc, codepoint) => {
    const encoded = Buffer.from(
      String.fromCharCode(codepoint),
      options.encoding
    );
    if (codepoint !== 63 && encoded.length === 1 && encoded[0] === 63) {
      return acc;
    }
    acc.push(encoded);
    return acc;
  }, []);
  const timcharFirstBytes = new Uint8Array(256);
  for (const t of timchars) timcharFirstBytes[t[0]] = 1;
  return {
    bomSkipped: false,
    bufBytesStart: 0,
    castField: options.cast_function,
    commenting: false,
    delimiterBufPrevious: void 0,
    delimiterDiscovered: false,
    // Current error encountered by a record
    error: void 0,
    enabled: options.from_line === 1,
    escaping: false,
    escapeIsQuote: Buffer.isBuffer(options.escape) && Buffer.isBuffer(options.quote) && Buffer.compare(options.escape, options.quote) === 0,
    // columns can be `false`, `true`, `Array`
    expectedRecordLength: Array.isArray(options.columns) ? options.columns.length : void 0,
    field: new ResizeableBuffer_default(20),
    firstLineToHeaders: options.cast_first_line_to_header,
    needMoreDataSize: Math.max(
      // Skip if the remaining buffer smaller than comment
      options.comment !== null ? options.comment.length : 0,
      ...options.delimiter ? options.delimiter.map((delimiter2) => delimiter2.length) : [],
      // Auto discovery of delimiter is limited to 1 character
      options.delimiter_auto ? 1 : 0,
      // Skip if the remaining buffer can be escape sequence
      options.quote !== null ? options.quote.length : 0,
      ...timchars.map((t) => t.length)
    ),
    previousBuf: void 0,
    quoting: false,
    stop: false,
    rawBuffer: new ResizeableBuffer_default(100),
    record: [],
    recordHasError: false,
    record_length: 0,
    recordDelimiterMaxLength: options.record_delimiter.length === 0 ? 0 : Math.max(...options.record_delimiter.map((v) => v.length)),
    trimChars: [
      Buffer.from(" ", options.encoding)[0],
      Buffer.from("	", options.encoding)[0]
    ],
    wasQuoting: false,
    wasRowDelimiter: false,
    timchars,
    timcharFirstBytes
  };
};

// node_modules/csv-parse/lib/utils/underscore.js
var underscore = function(str) {
  return str.replace(/([A-Z])/g, function(_, match) {
    return "_" + match.toLowerCase();
  });
};

// node_modules/csv-parse/lib/api/normalize_options.js
var normalize_options = function(opts) {
  const options = {};
  for (const opt in opts) {
    options[underscore(opt)] = opts[opt];
  }
  if (options.encoding === void 0 || options.encoding === true) {
    options.encoding = "utf8";
  } else if (options.encoding === null || options.encoding === false) {
    options.encoding = null;
  } else if (typeof options.encoding !== "string" && options.encoding !== null) {
    throw new CsvError(
      "CSV_INVALID_OPTION_ENCODING",
      [
        "Invalid option encoding:",
        "encoding must be a string or null to return a buffer,",
        `got ${JSON.stringify(options.encoding)}`
      ],
      options
    );
  }
  if (options.bom === void 0 || options.bom === null || options.bom === false) {
    options.bom = false;
  } else if (options.bom !== true) {
    throw new CsvError(
      "CSV_INVALID_OPTION_BOM",
      [
        "Invalid option bom:",
        "bom must be true,",
        `got ${JSON.stringify(options.bom)}`
      ],
      options
    );
  }
  options.cast_function = null;
  if (options.cast === void 0 || options.cast === null || options.cast === false || options.cast === "") {
    options.cast = void 0;
  } else if (typeof options.cast === "function") {
    options.cast_function = options.cast;
    options.cast = true;
  } else if (options.cast !== true) {
    throw new CsvError(
      "CSV_INVALID_OPTION_CAST",
      [
        "Invalid option cast:",
        "cast must be true or a function,",
        `got ${JSON.stringify(options.cast)}`
      ],
      options
    );
  }
  if (options.cast_date === void 0 || options.cast_date === null || options.cast_date === false || options.cast_date === "") {
    options.cast_date = false;
  } else if (options.cast_date === true) {
    options.cast_date = function(value) {
      const date2 = Date.parse(value);
      return !isNaN(date2) ? new Date(date2) : value;
    };
  } else if (typeof options.cast_date !== "function") {
    throw new CsvError(
      "CSV_INVALID_OPTION_CAST_DATE",
      [
        "Invalid option cast_date:",
        "cast_date must be true or a function,",
        `got ${JSON.stringify(options.cast_date)}`
      ],
      options
    );
  }
  options.cast_first_line_to_header = void 0;
  if (options.columns === true) {
    options.cast_first_line_to_header = void 0;
  } else if (typeof options.columns === "function") {
    options.cast_first_line_to_header = options.columns;
    options.columns = true;
  } else if (Array.isArray(options.columns)) {
    options.columns = normalize_columns_array(options.columns);
  } else if (options.columns === void 0 || options.columns === null || options.columns === false) {
    options.columns = false;
  } else {
    throw new CsvError(
      "CSV_INVALID_OPTION_COLUMNS",
      [
        "Invalid option columns:",
        "expect an array, a function or true,",
        `got ${JSON.stringify(options.columns)}`
      ],
      options
    );
  }
  if (options.group_columns_by_name === void 0 || options.group_columns_by_name === null || options.group_columns_by_name === false) {
    options.group_columns_by_name = false;
  } else if (options.group_columns_by_name !== true) {
    throw new CsvError(
      "CSV_INVALID_OPTION_GROUP_COLUMNS_BY_NAME",
      [
        "Invalid option group_columns_by_name:",
        "expect an boolean,",
        `got ${JSON.stringify(options.group_columns_by_name)}`
      ],
      options
    );
  } else if (options.columns === false) {
    throw new CsvError(
      "CSV_INVALID_OPTION_GROUP_COLUMNS_BY_NAME",
      [
        "Invalid option group_columns_by_name:",
        "the `columns` mode must be activated."
      ],
      options
    );
  }
  if (options.comment === void 0 || options.comment === null || options.comment === false || options.comment === "") {
    options.comment = null;
  } else {
    if (typeof options.comment === "string") {
      options.comment = Buffer.from(options.comment, options.encoding);
    }
    if (!Buffer.isBuffer(options.comment)) {
      throw new CsvError(
        "CSV_INVALID_OPTION_COMMENT",
        [
          "Invalid option comment:",
          "comment must be a buffer or a string,",
          `got ${JSON.stringify(options.comment)}`
        ],
        options
      );
    }
  }
  if (options.comment_no_infix === void 0 || options.comment_no_infix === null || options.comment_no_infix === false) {
    options.comment_no_infix = false;
  } else if (options.comment_no_infix !== true) {
    throw new CsvError(
      "CSV_INVALID_OPTION_COMMENT",
      [
        "Invalid option comment_no_infix:",
        "value must be a boolean,",
        `got ${JSON.stringify(options.comment_no_infix)}`
      ],
      options
    );
  }
  if (options.delimiter_auto === void 0 || options.delimiter_auto === null || options.delimiter_auto === false) {
    options.delimiter_auto = false;
  } else if (options.delimiter_auto === true) {
    options.delimiter_auto = {};
  } else if (!is_object(options.delimiter_auto)) {
    throw new CsvError(
      "CSV_INVALID_OPTION_DELIMITER_AUTO",
      [
        "Invalid option delimiter_auto:",
        "delimiter_auto must be a boolean or a configuration object,",
        `got ${JSON.stringify(options.delimiter_auto)}`
      ],
      options
    );
  }
  if (options.delimiter_auto) {
    if (options.delimiter_auto.preferred === void 0)
      options.delimiter_auto.preferred = {
        [",".charCodeAt(0)]: 1.8,
        ["	".charCodeAt(0)]: 1.8,
        [";".charCodeAt(0)]: 1.6,
        [" ".charCodeAt(0)]: 1.6,
        [":".charCodeAt(0)]: 1.5,
        [".".charCodeAt(0)]: 1.4,
        ["/".charCodeAt(0)]: 1.4
      };
    else if (!is_object(options.delimiter_auto.preferred)) {
      throw new CsvError(
        "CSV_INVALID_OPTION_DELIMITER_AUTO",
        [
          "Invalid option delimiter_auto:",
          "preferred must be an object,",
          `got ${JSON.stringify(options.delimiter_auto.preferred)}`
        ],
        options
      );
    }
    if (options.delimiter_auto.score === void 0)
      options.delimiter_auto.score = (info2, options2) => {
        return (info2.total - info2.std) * (options2.preferred[info2.char_code] || 1);
      };
    else if (typeof options.delimiter_auto.score !== "function") {
      throw new CsvError(
        "CSV_INVALID_OPTION_DELIMITER_AUTO",
        [
          "Invalid option delimiter_auto:",
          "score must be a function,",
          `got ${JSON.stringify(options.delimiter_auto.score)}`
        ],
        options
      );
    }
    if (options.delimiter_auto.size === void 0)
      options.delimiter_auto.size = 2048;
    else if (typeof options.delimiter_auto.size !== "number") {
      throw new CsvError(
        "CSV_INVALID_OPTION_DELIMITER_AUTO",
        [
          "Invalid option delimiter_auto:",
          "size must be a number,",
          `got ${JSON.stringify(options.delimiter_auto.size)}`
        ],
        options
      );
    }
  }
  const delimiter_json = JSON.stringify(options.delimiter);
  if (options.delimiter_auto !== false) {
    options.delimiter = [];
  }
  if (!Array.isArray(options.delimiter)) {
    if (options.delimiter === void 0 || options.delimiter === null || options.delimiter === false) {
      options.delimiter = Buffer.from(",", options.encoding);
    }
    options.delimiter = [options.delimiter];
  }
  options.delimiter = options.delimiter.map(function(delimiter2) {
    if (typeof delimiter2 === "string") {
      delimiter2 = Buffer.from(delimiter2, options.encoding);
    }
    if (!Buffer.isBuffer(delimiter2) || delimiter2.length === 0) {
      throw new CsvError(
        "CSV_INVALID_OPTION_DELIMITER",
        [
          "Invalid option delimiter:",
          "delimiter must be a non empty string or buffer or array of string|buffer,",
          `got ${delimiter_json}`
        ],
        options
      );
    }
    return delimiter2;
  });
  if (options.escape === void 0 || options.escape === true) {
    options.escape = Buffer.from('"', options.encoding);
  } else if (typeof options.escape === "string") {
    options.escape = Buffer.from(options.escape, options.encoding);
  } else if (options.escape === null || options.escape === false) {
    options.escape = null;
  }
  if (options.escape !== null) {
    if (!Buffer.isBuffer(options.escape)) {
      throw new Error(
        `Invalid Option: escape must be a buffer, a string or a boolean, got ${JSON.stringify(options.escape)}`
      );
    }
  }
  if (options.from === void 0 || options.from === null) {
    options.from = 1;
  } else {
    if (typeof options.from === "string" && /\d+/.test(options.from)) {
      options.from = parseInt(options.from);
    }
    if (Number.isInteger(options.from)) {
      if (options.from < 0) {
        throw new Error(
          `Invalid Option: from must be a positive integer, got ${JSON.stringify(opts.from)}`
        );
      }
    } else {
      throw new Error(
        `Invalid Option: from must be an integer, got ${JSON.stringify(options.from)}`
      );
    }
  }
  if (options.from_line === void 0 || options.from_line === null) {
    options.from_line = 1;
  } else {
    if (typeof options.from_line === "string" && /\d+/.test(options.from_line)) {
      options.from_line = parseInt(options.from_line);
    }
    if (Number.isInteger(options.from_line)) {
      if (options.from_line <= 0) {
        throw new Error(
          `Invalid Option: from_line must be a positive integer greater than 0, got ${JSON.stringify(opts.from_line)}`
        );
      }
    } else {
      throw new Error(
        `Invalid Option: from_line must be an integer, got ${JSON.stringify(opts.from_line)}`
      );
    }
  }
  if (options.ignore_last_delimiters === void 0 || options.ignore_last_delimiters === null) {
    options.ignore_last_delimiters = false;
  } else if (typeof options.ignore_last_delimiters === "number") {
    options.ignore_last_delimiters = Math.floor(options.ignore_last_delimiters);
    if (options.ignore_last_delimiters === 0) {
      options.ignore_last_delimiters = false;
    }
  } else if (typeof options.ignore_last_delimiters !== "boolean") {
    throw new CsvError(
      "CSV_INVALID_OPTION_IGNORE_LAST_DELIMITERS",
      [
        "Invalid option `ignore_last_delimiters`:",
        "the value must be a boolean value or an integer,",
        `got ${JSON.stringify(options.ignore_last_delimiters)}`
      ],
      options
    );
  }
  if (options.ignore_last_delimiters === true && options.columns === false) {
    throw new CsvError(
      "CSV_IGNORE_LAST_DELIMITERS_REQUIRES_COLUMNS",
      [
        "The option `ignore_last_delimiters`",
        "requires the activation of the `columns` option"
      ],
      options
    );
  }
  if (options.info === void 0 || options.info === null || options.info === false) {
    options.info = false;
  } else if (options.info !== true) {
    throw new Error(
      `Invalid Option: info must be true, got ${JSON.stringify(options.info)}`
    );
  }
  if (options.max_record_size === void 0 || options.max_record_size === null || options.max_record_size === false) {
    options.max_record_size = 0;
  } else if (Number.isInteger(options.max_record_size) && options.max_record_size >= 0) {
  } else if (typeof options.max_record_size === "string" && /\d+/.test(options.max_record_size)) {
    options.max_record_size = parseInt(options.max_record_size);
  } else {
    throw new Error(
      `Invalid Option: max_record_size must be a positive integer, got ${JSON.stringify(options.max_record_size)}`
    );
  }
  if (options.objname === void 0 || options.objname === null || options.objname === false) {
    options.objname = void 0;
  } else if (Buffer.isBuffer(options.objname)) {
    if (options.objname.length === 0) {
      throw new Error(`Invalid Option: objname must be a non empty buffer`);
    }
    if (options.encoding === null) {
    } else {
      options.objname = options.objname.toString(options.encoding);
    }
  } else if (typeof options.objname === "string") {
    if (options.objname.length === 0) {
      throw new Error(`Invalid Option: objname must be a non empty string`);
    }
  } else if (typeof options.objname === "number") {
  } else {
    throw new Error(
      `Invalid Option: objname must be a string or a buffer, got ${options.objname}`
    );
  }
  if (options.objname !== void 0) {
    if (typeof options.objname === "number") {
      if (options.columns !== false) {
        throw Error(
          "Invalid Option: objname index cannot be combined with columns or be defined as a field"
        );
      }
    } else {
      if (options.columns === false) {
        throw Error(
          "Invalid Option: objname field must be combined with columns or be defined as an index"
        );
      }
    }
  }
  if (options.on_record === void 0 || options.on_record === null) {
    options.on_record = void 0;
  } else if (typeof options.on_record !== "function") {
    throw new CsvError(
      "CSV_INVALID_OPTION_ON_RECORD",
      [
        "Invalid option `on_record`:",
        "expect a function,",
        `got ${JSON.stringify(options.on_record)}`
      ],
      options
    );
  }
  if (options.on_skip !== void 0 && options.on_skip !== null && typeof options.on_skip !== "function") {
    throw new Error(
      `Invalid Option: on_skip must be a function, got ${JSON.stringify(options.on_skip)}`
    );
  }
  if (options.quote === null || options.quote === false || options.quote === "") {
    options.quote = null;
  } else {
    if (options.quote === void 0 || options.quote === true) {
      options.quote = Buffer.from('"', options.encoding);
    } else if (typeof options.quote === "string") {
      options.quote = Buffer.from(options.quote, options.encoding);
    }
    if (!Buffer.isBuffer(options.quote)) {
      throw new Error(
        `Invalid Option: quote must be a buffer or a string, got ${JSON.stringify(options.quote)}`
      );
    }
  }
  if (options.raw === void 0 || options.raw === null || options.raw === false) {
    options.raw = false;
  } else if (options.raw !== true) {
    throw new Error(
      `Invalid Option: raw must be true, got ${JSON.stringify(options.raw)}`
    );
  }
  if (options.record_delimiter === void 0) {
    options.record_delimiter = [];
  } else if (typeof options.record_delimiter === "string" || Buffer.isBuffer(options.record_delimiter)) {
    if (options.record_delimiter.length === 0) {
      throw new CsvError(
        "CSV_INVALID_OPTION_RECORD_DELIMITER",
        [
          "Invalid option `record_delimiter`:",
          "value must be a non empty string or buffer,",
          `got ${JSON.stringify(options.record_delimiter)}`
        ],
        options
      );
    }
    options.record_delimiter = [options.record_delimiter];
  } else if (!Array.isArray(options.record_delimiter)) {
    throw new CsvError(
      "CSV_INVALID_OPTION_RECORD_DELIMITER",
      [
        "Invalid option `record_delimiter`:",
        "value must be a string, a buffer or array of string|buffer,",
        `got ${JSON.stringify(options.record_delimiter)}`
      ],
      options
    );
  }
  options.record_delimiter = options.record_delimiter.map(function(rd, i) {
    if (typeof rd !== "string" && !Buffer.isBuffer(rd)) {
      throw new CsvError(
        "CSV_INVALID_OPTION_RECORD_DELIMITER",
        [
          "Invalid option `record_delimiter`:",
          "value must be a string, a buffer or array of string|buffer",
          `at index ${i},`,
          `got ${JSON.stringify(rd)}`
        ],
        options
      );
    } else if (rd.length === 0) {
      throw new CsvError(
        "CSV_INVALID_OPTION_RECORD_DELIMITER",
        [
          "Invalid option `record_delimiter`:",
          "value must be a non empty string or buffer",
          `at index ${i},`,
          `got ${JSON.stringify(rd)}`
        ],
        options
      );
    }
    if (typeof rd === "string") {
      rd = Buffer.from(rd, options.encoding);
    }
    return rd;
  });
  if (typeof options.relax_column_count === "boolean") {
  } else if (options.relax_column_count === void 0 || options.relax_column_count === null) {
    options.relax_column_count = false;
  } else {
    throw new Error(
      `Invalid Option: relax_column_count must be a boolean, got ${JSON.stringify(options.relax_column_count)}`
    );
  }
  if (typeof options.relax_column_count_less === "boolean") {
  } else if (options.relax_column_count_less === void 0 || options.relax_column_count_less === null) {
    options.relax_column_count_less = false;
  } else {
    throw new Error(
      `Invalid Option: relax_column_count_less must be a boolean, got ${JSON.stringify(options.relax_column_count_less)}`
    );
  }
  if (typeof options.relax_column_count_more === "boolean") {
  } else if (options.relax_column_count_more === void 0 || options.relax_column_count_more === null) {
    options.relax_column_count_more = false;
  } else {
    throw new Error(
      `Invalid Option: relax_column_count_more must be a boolean, got ${JSON.stringify(options.relax_column_count_more)}`
    );
  }
  if (typeof options.relax_quotes === "boolean") {
  } else if (options.relax_quotes === void 0 || options.relax_quotes === null) {
    options.relax_quotes = false;
  } else {
    throw new Error(
      `Invalid Option: relax_quotes must be a boolean, got ${JSON.stringify(options.relax_quotes)}`
    );
  }
  if (typeof options.skip_empty_lines === "boolean") {
  } else if (options.skip_empty_lines === void 0 || options.skip_empty_lines === null) {
    options.skip_empty_lines = false;
  } else {
    throw new Error(
      `Invalid Option: skip_empty_lines must be a boolean, got ${JSON.stringify(options.skip_empty_lines)}`
    );
  }
  if (typeof options.skip_records_with_empty_values === "boolean") {
  } else if (options.skip_records_with_empty_values === void 0 || options.skip_records_with_empty_values === null) {
    options.skip_records_with_empty_values = false;
  } else {
    throw new Error(
      `Invalid Option: skip_records_with_empty_values must be a boolean, got ${JSON.stringify(options.skip_records_with_empty_values)}`
    );
  }
  if (typeof options.skip_records_with_error === "boolean") {
  } else if (options.skip_records_with_error === void 0 || options.skip_records_with_error === null) {
    options.skip_records_with_error = false;
  } else {
    throw new Error(
      `Invalid Option: skip_records_with_error must be a boolean, got ${JSON.stringify(options.skip_records_with_error)}`
    );
  }
  if (options.rtrim === void 0 || options.rtrim === null || options.rtrim === false) {
    options.rtrim = false;
  } else if (options.rtrim !== true) {
    throw new Error(
      `Invalid Option: rtrim must be a boolean, got ${JSON.stringify(options.rtrim)}`
    );
  }
  if (options.ltrim === void 0 || options.ltrim === null || options.ltrim === false) {
    options.ltrim = false;
  } else if (options.ltrim !== true) {
    throw new Error(
      `Invalid Option: ltrim must be a boolean, got ${JSON.stringify(options.ltrim)}`
    );
  }
  if (options.trim === void 0 || options.trim === null || options.trim === false) {
    options.trim = false;
  } else if (options.trim !== true) {
    throw new Error(
      `Invalid Option: trim must be a boolean, got ${JSON.stringify(options.trim)}`
    );
  }
  if (options.trim === true && opts.ltrim !== false) {
    options.ltrim = true;
  } else if (options.ltrim !== true) {
    options.ltrim = false;
  }
  if (options.trim === true && opts.rtrim !== false) {
    options.rtrim = true;
  } else if (options.rtrim !== true) {
    options.rtrim = false;
  }
  if (options.to === void 0 || options.to === null) {
    options.to = -1;
  } else if (options.to !== -1) {
    if (typeof options.to === "string" && /\d+/.test(options.to)) {
      options.to = parseInt(options.to);
    }
    if (Number.isInteger(options.to)) {
      if (options.to <= 0) {
        throw new Error(
          `Invalid Option: to must be a positive integer greater than 0, got ${JSON.stringify(opts.to)}`
        );
      }
    } else {
      throw new Error(
        `Invalid Option: to must be an integer, got ${JSON.stringify(opts.to)}`
      );
    }
  }
  if (options.to_line === void 0 || options.to_line === null) {
    options.to_line = -1;
  } else if (options.to_line !== -1) {
    if (typeof options.to_line === "string" && /\d+/.test(options.to_line)) {
      options.to_line = parseInt(options.to_line);
    }
    if (Number.isInteger(options.to_line)) {
      if (options.to_line <= 0) {
        throw new Error(
          `Invalid Option: to_line must be a positive integer greater than 0, got ${JSON.stringify(opts.to_line)}`
        );
      }
    } else {
      throw new Error(
        `Invalid Option: to_line must be an integer, got ${JSON.stringify(opts.to_line)}`
      );
    }
  }
  return options;
};

// node_modules/csv-parse/lib/utils/delimiter_discover.js
var delimiter_discover = function(records3, options) {
  if (!options) {
    ({ delimiter_auto: options } = normalize_options({ delimiter_auto: true }));
  }
  if (typeof records3 === "string") {
    records3 = Buffer.from(records3);
  }
  if (Buffer.isBuffer(records3)) {
    records3 = ((data) => {
      const records4 = [];
      const parser = transform({ delimiter: [] });
      const push = (record) => records4.push(record);
      const close2 = () => {
      };
      const error2 = parser.parse(data, true, push, close2);
      if (error2 !== void 0) throw error2;
      return records4;
    })(records3);
  }
  const info2 = Array(127).fill().map(() => ({ lines: [] }));
  records3.map(([record], line) => {
    for (let i = 0, l = record.length; i < l; i++) {
      const code2 = record.charCodeAt(i);
      if (info2[code2].lines[line] === void 0) info2[code2].lines[line] = 0;
      info2[code2].lines[line]++;
    }
  });
  info2.map((info3, i) => {
    info3.char_code = i;
    info3.std = std(info3.lines);
    info3.total = info3.lines.reduce((acc, val) => acc + val, 0);
    info3.preferred = !!options.preferred[i];
    info3.score = options.score(info3, options);
  });
  const result = info2.reduce(
    (acc, info3) => acc.score > info3.score ? acc : info3,
    {}
  );
  return String.fromCharCode(result.char_code);
};
var std = function(array) {
  const n = array.length;
  if (n === 0) return 0;
  const mean = array.reduce((a, b) => a + b) / n;
  return Math.sqrt(
    array.map((x) => Math.pow(x - mean, 2)).reduce((a, b) => a + b) / n
  );
};

// node_modules/csv-parse/lib/api/index.js
var isRecordEmpty = function(record) {
  return record.every(
    (field) => field == null || field.toString && field.toString().trim() === ""
  );
};
var cr = 13;
var nl = 10;
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
var transform = function(original_options = {}) {
  const info2 = {
    bytes: 0,
    bytes_records: 0,
    comment_lines: 0,
    empty_lines: 0,
    invalid_field_length: 0,
    lines: 1,
    records: 0
  };
  const options = normalize_options(original_options);
  return {
    info: info2,
    original_options,
    options,
    state: init_state(options),
    __needMoreData: function(i, bufLen, end) {
      if (end) return false;
      const { encoding, escape, quote: quote3 } = this.options;
      const { quoting, needMoreDataSize, recordDelimiterMaxLength } = this.state;
      const numOfCharLeft = bufLen - i - 1;
      const requiredLength = Math.max(
        needMoreDataSize,
        // Skip if the remaining buffer smaller than record delimiter
        // If "record_delimiter" is yet to be discovered:
        // 1. It is equals to `[]` and "recordDelimiterMaxLength" equals `0`
        // 2. We set the length to windows line ending in the current encoding
        // Note, that encoding is known from user or bom discovery at that point
        // recordDelimiterMaxLength,
        recordDelimiterMaxLength === 0 ? Buffer.from("\r\n", encoding).length : recordDelimiterMaxLength,
        // Skip if remaining buffer can be an escaped quote
        quoting ? (escape === null ? 0 : escape.length) + quote3.length : 0,
        // Skip if remaining buffer can be record delimiter following the closing quote
        quoting ? quote3.length + recordDelimiterMaxLength : 0
      );
      return numOfCharLeft < requiredLength;
    },
    // Central parser implementation
    parse: function(nextBuf, end, push, close2) {
      const {
        bom,
        comment_no_infix,
        delimiter_auto,
        encoding,
        from_line,
        ltrim,
        max_record_size,
        raw,
        relax_quotes,
        rtrim,
        skip_empty_lines,
        to,
        to_line
      } = this.options;
      let { comment, escape, quote: quote3, record_delimiter } = this.options;
      const {
        bomSkipped,
        delimiterDiscovered,
        delimiterBufPrevious,
        rawBuffer,
        escapeIsQuote
      } = this.state;
      if (!delimiterDiscovered && delimiter_auto) {
        let delimiterBuf;
        if (delimiterBufPrevious === void 0) {
          delimiterBuf = nextBuf;
        } else if (delimiterBufPrevious !== void 0 && nextBuf === void 0) {
          delimiterBuf = delimiterBufPrevious;
        } else {
          delimiterBuf = Buffer.concat([delimiterBufPrevious, nextBuf]);
        }
        nextBuf = void 0;
        if (end || delimiterBuf.length > delimiter_auto.size) {
          this.options.delimiter = [
            Buffer.from(
              delimiter_discover(delimiterBuf, this.options.delimiter_auto)
            )
          ];
          this.state.previousBuf = delimiterBuf;
          this.state.delimiterBufPrevious = void 0;
          this.state.delimiterDiscovered = true;
        } else {
          this.state.delimiterBufPrevious = delimiterBuf;
          return;
        }
      }
      const { previousBuf } = this.state;
      let buf;
      if (previousBuf === void 0) {
        if (nextBuf === void 0) {
          close2();
          return;
        } else {
          buf = nextBuf;
        }
      } else if (previousBuf !== void 0 && nextBuf === void 0) {
        buf = previousBuf;
      } else {
        buf = Buffer.concat([previousBuf, nextBuf]);
      }
      if (bomSkipped === false) {
        if (bom === false) {
          this.state.bomSkipped = true;
        } else if (buf.length < 3) {
          if (end === false) {
            this.state.previousBuf = buf;
            return;
          }
        } else {
          for (const encoding2 in boms) {
            if (boms[encoding2].compare(buf, 0, boms[encoding2].length) === 0) {
              const bomLength = boms[encoding2].length;
              this.state.bufBytesStart += bomLength;
              buf = buf.slice(bomLength);
              const options2 = normalize_options({
                ...this.original_options,
                encoding: encoding2
              });
              for (const key in options2) {
                this.options[key] = options2[key];
              }
              ({ comment, escape, quote: quote3 } = this.options);
              break;
            }
          }
          this.state.bomSkipped = true;
        }
      }
      const bufLen = buf.length;
      let pos;
      for (pos = 0; pos < bufLen; pos++) {
        if (this.__needMoreData(pos, bufLen, end)) {
          break;
        }
        if (this.state.wasRowDelimiter === true) {
          this.info.lines++;
          this.state.wasRowDelimiter = false;
        }
        if (to_line !== -1 && this.info.lines > to_line) {
          this.state.stop = true;
          close2();
          return;
        }
        if (this.state.quoting === false && record_delimiter.length === 0) {
          const record_delimiterCount = this.__autoDiscoverRecordDelimiter(
            buf,
            pos
          );
          if (record_delimiterCount) {
            record_delimiter = this.options.record_delimiter;
          }
        }
        const chr = buf[pos];
        if (raw === true) {
          rawBuffer.append(chr);
        }
        if ((chr === cr || chr === nl) && this.state.wasRowDelimiter === false) {
          this.state.wasRowDelimiter = true;
        }
        if (this.state.escaping === true) {
          this.state.escaping = false;
        } else {
          if (escape !== null && this.state.quoting === true && this.__isEscape(buf, pos, chr) && pos + escape.length < bufLen) {
            if (escapeIsQuote) {
              if (this.__isQuote(buf, pos + escape.length)) {
                this.state.escaping = true;
                pos += escape.length - 1;
                continue;
              }
            } else {
              this.state.escaping = true;
              pos += escape.length - 1;
              continue;
            }
          }
          if (this.state.commenting === false && this.__isQuote(buf, pos)) {
            if (this.state.quoting === true) {
              const nextChr = buf[pos + quote3.length];
              const isNextChrTrimable = rtrim && this.__isCharTrimable(buf, pos + quote3.length);
              const isNextChrComment = comment !== null && this.__compareBytes(comment, buf, pos + quote3.length, nextChr);
              const isNextChrDelimiter = this.__isDelimiter(
                buf,
                pos + quote3.length,
                nextChr
              );
              const isNextChrRecordDelimiter = record_delimiter.length === 0 ? this.__autoDiscoverRecordDelimiter(buf, pos + quote3.length) : this.__isRecordDelimiter(nextChr, buf, pos + quote3.length);
              if (escape !== null && this.__isEscape(buf, pos, chr) && this.__isQuote(buf, pos + escape.length)) {
                pos += escape.length - 1;
              } else if (!nextChr || isNextChrDelimiter || isNextChrRecordDelimiter || isNextChrComment || isNextChrTrimable) {
                this.state.quoting = false;
                this.state.wasQuoting = true;
                pos += quote3.length - 1;
                continue;
              } else if (relax_quotes === false) {
                const err = this.__error(
                  new CsvError(
                    "CSV_INVALID_CLOSING_QUOTE",
                    [
                      "Invalid Closing Quote:",
                      `got "${String.fromCharCode(nextChr)}"`,
                      `at line ${this.info.lines}`,
                      "instead of delimiter, record delimiter, trimable character",
                      "(if activated) or comment"
                    ],
                    this.options,
                    this.__infoField()
                  )
                );
                if (err !== void 0) return err;
              } else {
                this.state.quoting = false;
                this.state.wasQuoting = true;
                this.state.field.prepend(quote3);
                pos += quote3.length - 1;
              }
            } else {
              if (this.state.field.length !== 0) {
                if (relax_quotes === false) {
                  const info3 = this.__infoField();
                  const bom2 = Object.keys(boms).map(
                    (b) => boms[b].equals(this.state.field.toString()) ? b : false
                  ).filter(Boolean)[0];
                  const err = this.__error(
                    new CsvError(
                      "INVALID_OPENING_QUOTE",
                      [
                        "Invalid Opening Quote:",
                        `a quote is found on field ${JSON.stringify(info3.column)} at line ${info3.lines}, value is ${JSON.stringify(this.state.field.toString(encoding))}`,
                        bom2 ? `(${bom2} bom)` : void 0
                      ],
                      this.options,
                      info3,
                      {
                        field: this.state.field
                      }
                    )
                  );
                  if (err !== void 0) return err;
                }
              } else {
                this.state.quoting = true;
                pos += quote3.length - 1;
                continue;
              }
            }
          }
          if (this.state.quoting === false) {
            const recordDelimiterLength = this.__isRecordDelimiter(
              chr,
              buf,
              pos
            );
            if (recordDelimiterLength !== 0) {
              const skipCommentLine = this.state.commenting && this.state.wasQuoting === false && this.state.record.length === 0 && this.state.field.length === 0;
              if (skipCommentLine) {
                this.info.comment_lines++;
              } else {
                if (this.state.enabled === false && this.info.lines + (this.state.wasRowDelimiter === true ? 1 : 0) >= from_line) {
                  this.state.enabled = true;
                  this.__resetField();
                  this.__resetRecord();
                  pos += recordDelimiterLength - 1;
                  continue;
                }
                if (skip_empty_lines === true && this.state.wasQuoting === false && this.state.record.length === 0 && this.state.field.length === 0) {
                  this.info.empty_lines++;
                  pos += recordDelimiterLength - 1;
                  continue;
                }
                this.info.bytes = this.state.bufBytesStart + pos;
                const errField = this.__onField();
                if (errField !== void 0) return errField;
                this.info.bytes = this.state.bufBytesStart + pos + recordDelimiterLength;
                const errRecord = this.__onRecord(push);
                if (errRecord !== void 0) return errRecord;
                if (to !== -1 && this.info.records >= to) {
                  this.state.stop = true;
                  close2();
                  return;
                }
              }
              this.state.commenting = false;
              pos += recordDelimiterLength - 1;
              continue;
            }
            if (this.state.commenting) {
              continue;
            }
            if (comment !== null && (comment_no_infix === false || this.state.record.length === 0 && this.state.field.length === 0)) {
              const commentCount = this.__compareBytes(comment, buf, pos, chr);
              if (commentCount !== 0) {
                this.state.commenting = true;
                continue;
              }
            }
            const delimiterLength = this.__isDelimiter(buf, pos, chr);
            if (delimiterLength !== 0) {
              this.info.bytes = this.state.bufBytesStart + pos;
              const errField = this.__onField();
              if (errField !== void 0) return errField;
              pos += delimiterLength - 1;
              continue;
            }
          }
        }
        if (this.state.commenting === false) {
          if (max_record_size !== 0 && this.state.record_length + this.state.field.length > max_record_size) {
            return this.__error(
              new CsvError(
                "CSV_MAX_RECORD_SIZE",
                [
                  "Max Record Size:",
                  "record exceed the maximum number of tolerated bytes",
                  `of ${max_record_size}`,
                  `at line ${this.info.lines}`
                ],
                this.options,
                this.__infoField()
              )
            );
          }
        }
        const lappend = ltrim === false || this.state.quoting === true || this.state.field.length !== 0 || !this.__isCharTrimable(buf, pos);
        const rappend = rtrim === false || this.state.wasQuoting === false;
        if (lappend === true && rappend === true) {
          this.state.field.append(chr);
        } else if (rtrim === true && !this.__isCharTrimable(buf, pos)) {
          return this.__error(
            new CsvError(
              "CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE",
              [
                "Invalid Closing Quote:",
                "found non trimable byte after quote",
                `at line ${this.info.lines}`
              ],
              this.options,
              this.__infoField()
            )
          );
        } else {
          if (lappend === false) {
            pos += this.__isCharTrimable(buf, pos) - 1;
          }
          continue;
        }
      }
      if (end === true) {
        if (this.state.quoting === true) {
          const err = this.__error(
            new CsvError(
              "CSV_QUOTE_NOT_CLOSED",
              [
                "Quote Not Closed:",
                `the parsing is finished with an opening quote at line ${this.info.lines}`
              ],
              this.options,
              this.__infoField()
            )
          );
          if (err !== void 0) return err;
        } else {
          if (this.state.wasQuoting === true || this.state.record.length !== 0 || this.state.field.length !== 0) {
            this.info.bytes = this.state.bufBytesStart + pos;
            const errField = this.__onField();
            if (errField !== void 0) return errField;
            const errRecord = this.__onRecord(push);
            if (errRecord !== void 0) return errRecord;
          } else if (this.state.wasRowDelimiter === true) {
            this.info.empty_lines++;
          } else if (this.state.commenting === true) {
            this.info.comment_lines++;
          }
        }
      } else {
        this.state.bufBytesStart += pos;
        this.state.previousBuf = buf.slice(pos);
      }
      if (this.state.wasRowDelimiter === true) {
        this.info.lines++;
        this.state.wasRowDelimiter = false;
      }
    },
    __onRecord: function(push) {
      const {
        columns,
        group_columns_by_name,
        encoding,
        info: info3,
        from,
        relax_column_count,
        relax_column_count_less,
        relax_column_count_more,
        raw,
        skip_records_with_empty_values
      } = this.options;
      const { enabled: enabled2, record } = this.state;
      if (enabled2 === false) {
        return this.__resetRecord();
      }
      const recordLength = record.length;
      if (columns === true) {
        if (skip_records_with_empty_values === true && isRecordEmpty(record)) {
          this.__resetRecord();
          return;
        }
        return this.__firstLineToColumns(record);
      }
      if (columns === false && this.info.records === 0) {
        this.state.expectedRecordLength = recordLength;
      }
      if (recordLength !== this.state.expectedRecordLength) {
        const err = columns === false ? new CsvError(
          "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH",
          [
            "Invalid Record Length:",
            `expect ${this.state.expectedRecordLength},`,
            `got ${recordLength} on line ${this.info.lines}`
          ],
          this.options,
          this.__infoField(),
          {
            record
          }
        ) : new CsvError(
          "CSV_RECORD_INCONSISTENT_COLUMNS",
          [
            "Invalid Record Length:",
            `columns length is ${columns.length},`,
            // rename columns
            `got ${recordLength} on line ${this.info.lines}`
          ],
          this.options,
          this.__infoField(),
          {
            record
          }
        );
        if (relax_column_count === true || relax_column_count_less === true && recordLength < this.state.expectedRecordLength || relax_column_count_more === true && recordLength > this.state.expectedRecordLength) {
          this.info.invalid_field_length++;
          this.state.error = err;
        } else {
          const finalErr = this.__error(err);
          if (finalErr) return finalErr;
        }
      }
      if (skip_records_with_empty_values === true && isRecordEmpty(record)) {
        this.__resetRecord();
        return;
      }
      if (this.state.recordHasError === true) {
        this.__resetRecord();
        this.state.recordHasError = false;
        return;
      }
      this.info.records++;
      if (from === 1 || this.info.records >= from) {
        const { objname } = this.options;
        if (columns !== false) {
          const obj = {};
          for (let i = 0, l = record.length; i < l; i++) {
            if (columns[i] === void 0 || columns[i].disabled) continue;
            if (group_columns_by_name === true && Object.hasOwn(obj, columns[i].name)) {
              if (Array.isArray(obj[columns[i].name])) {
                obj[columns[i].name] = obj[columns[i].name].concat(record[i]);
              } else {
                obj[columns[i].name] = [obj[columns[i].name], record[i]];
              }
            } else {
              Object.defineProperty(obj, columns[i].name, {
                value: record[i],
                enumerable: true,
                writable: true,
                configurable: true
              });
            }
          }
          if (raw === true || info3 === true) {
            const extRecord = Object.assign(
              { record: obj },
              raw === true ? { raw: this.state.rawBuffer.toString(encoding) } : {},
              info3 === true ? { info: this.__infoRecord() } : {}
            );
            const err = this.__push(
              objname === void 0 ? extRecord : [obj[objname], extRecord],
              push
            );
            if (err) {
              return err;
            }
          } else {
            const err = this.__push(
              objname === void 0 ? obj : [obj[objname], obj],
              push
            );
            if (err) {
              return err;
            }
          }
        } else {
          if (raw === true || info3 === true) {
            const extRecord = Object.assign(
              { record },
              raw === true ? { raw: this.state.rawBuffer.toString(encoding) } : {},
              info3 === true ? { info: this.__infoRecord() } : {}
            );
            const err = this.__push(
              objname === void 0 ? extRecord : [record[objname], extRecord],
              push
            );
            if (err) {
              return err;
            }
          } else {
            const err = this.__push(
              objname === void 0 ? record : [record[objname], record],
              push
            );
            if (err) {
              return err;
            }
          }
        }
      }
      this.__resetRecord();
    },
    __firstLineToColumns: function(record) {
      const { firstLineToHeaders } = this.state;
      try {
        const headers = firstLineToHeaders === void 0 ? record : firstLineToHeaders.call(null, record);
        if (!Array.isArray(headers)) {
          return this.__error(
            new CsvError(
              "CSV_INVALID_COLUMN_MAPPING",
              [
                "Invalid Column Mapping:",
                "expect an array from column function,",
                `got ${JSON.stringify(headers)}`
              ],
              this.options,
              this.__infoField(),
              {
                headers
              }
            )
          );
        }
        const normalizedHeaders = normalize_columns_array(headers);
        this.state.expectedRecordLength = normalizedHeaders.length;
        this.options.columns = normalizedHeaders;
        this.__resetRecord();
        return;
      } catch (err) {
        return err;
      }
    },
    __resetRecord: function() {
      if (this.options.raw === true) {
        this.state.rawBuffer.reset();
      }
      this.state.error = void 0;
      this.state.record = [];
      this.state.record_length = 0;
    },
    __onField: function() {
      const { cast, encoding, rtrim, max_record_size } = this.options;
      const { enabled: enabled2, wasQuoting } = this.state;
      if (enabled2 === false) {
        return this.__resetField();
      }
      let field = this.state.field.toString(encoding);
      if (rtrim === true && wasQuoting === false) {
        field = field.trimRight();
      }
      if (cast === true) {
        const [err, f] = this.__cast(field);
        if (err !== void 0) return err;
        field = f;
      }
      this.state.record.push(field);
      if (max_record_size !== 0 && typeof field === "string") {
        this.state.record_length += field.length;
      }
      this.__resetField();
    },
    __resetField: function() {
      this.state.field.reset();
      this.state.wasQuoting = false;
    },
    __push: function(record, push) {
      const { on_record } = this.options;
      if (on_record !== void 0) {
        const info3 = this.__infoRecord();
        try {
          record = on_record.call(null, record, info3);
        } catch (err) {
          return err;
        }
        if (record === void 0 || record === null) {
          return;
        }
      }
      this.info.bytes_records += this.info.bytes;
      push(record);
    },
    // Return a tuple with the error and the casted value
    __cast: function(field) {
      const { columns, relax_column_count } = this.options;
      const isColumns = Array.isArray(columns);
      if (isColumns === true && relax_column_count && this.options.columns.length <= this.state.record.length) {
        return [void 0, void 0];
      }
      if (this.state.castField !== null) {
        try {
          const info3 = this.__infoField();
          return [void 0, this.state.castField.call(null, field, info3)];
        } catch (err) {
          return [err];
        }
      }
      if (this.__isFloat(field)) {
        return [void 0, parseFloat(field)];
      } else if (this.options.cast_date !== false) {
        const info3 = this.__infoField();
        return [void 0, this.options.cast_date.call(null, field, info3)];
      }
      return [void 0, field];
    },
    __compareBytes: function(sourceBuf, targetBuf, targetPos, firstByte) {
      if (sourceBuf[0] !== firstByte) return 0;
      const sourceLength = sourceBuf.length;
      for (let i = 1; i < sourceLength; i++) {
        if (sourceBuf[i] !== targetBuf[targetPos + i]) return 0;
      }
      return sourceLength;
    },
    // Helper to test if a character is trimable
    __isCharTrimable: function(buf, pos) {
      const { timchars, timcharFirstBytes } = this.state;
      const first = buf[pos];
      if (first === void 0 || timcharFirstBytes[first] === 0) return 0;
      loop1: for (let i = 0; i < timchars.length; i++) {
        const timchar = timchars[i];
        for (let j = 0; j < timchar.length; j++) {
          if (timchar[j] !== buf[pos + j]) continue loop1;
        }
        return timchar.length;
      }
      return 0;
    },
    __isDelimiter: function(buf, pos, chr) {
      const { delimiter: delimiter2, ignore_last_delimiters } = this.options;
      if (ignore_last_delimiters === true && this.state.record.length === this.options.columns.length - 1) {
        return 0;
      } else if (ignore_last_delimiters !== false && typeof ignore_last_delimiters === "number" && this.state.record.length === ignore_last_delimiters - 1) {
        return 0;
      }
      loop1: for (let i = 0; i < delimiter2.length; i++) {
        const del = delimiter2[i];
        if (del[0] === chr) {
          for (let j = 1; j < del.length; j++) {
            if (del[j] !== buf[pos + j]) continue loop1;
          }
          return del.length;
        }
      }
      return 0;
    },
    __isEscape: function(buf, pos, chr) {
      const { escape } = this.options;
      if (escape === null) return false;
      const l = escape.length;
      if (escape[0] === chr) {
        for (let i = 0; i < l; i++) {
          if (escape[i] !== buf[pos + i]) {
            return false;
          }
        }
        return true;
      }
      return false;
    },
    __isFloat: function(value) {
      return value - parseFloat(value) + 1 >= 0;
    },
    // Keep it in case we implement the `cast_int` option
    // __isInt(value){
    //   // return Number.isInteger(parseInt(value))
    //   // return !isNaN( parseInt( obj ) );
    //   return /^(\-|\+)?[1-9][0-9]*$/.test(value)
    // }
    __isQuote: function(buf, pos) {
      const { quote: quote3 } = this.options;
      if (quote3 === null) return false;
      const l = quote3.length;
      for (let i = 0; i < l; i++) {
        if (quote3[i] !== buf[pos + i]) {
          return false;
        }
      }
      return true;
    },
    __isRecordDelimiter: function(chr, buf, pos) {
      const { record_delimiter } = this.options;
      const recordDelimiterLength = record_delimiter.length;
      loop1: for (let i = 0; i < recordDelimiterLength; i++) {
        const rd = record_delimiter[i];
        const rdLength = rd.length;
        if (rd[0] !== chr) {
          continue;
        }
        for (let j = 1; j < rdLength; j++) {
          if (rd[j] !== buf[pos + j]) {
            continue loop1;
          }
        }
        return rd.length;
      }
      return 0;
    },
    __autoDiscoverRecordDelimiter: function(buf, pos) {
      const { encoding } = this.options;
      const rds = [
        // Important, the windows line ending must be before mac os 9
        Buffer.from("\r\n", encoding),
        Buffer.from("\n", encoding),
        Buffer.from("\r", encoding)
      ];
      loop: for (let i = 0; i < rds.length; i++) {
        const l = rds[i].length;
        for (let j = 0; j < l; j++) {
          if (rds[i][j] !== buf[pos + j]) {
            continue loop;
          }
        }
        this.options.record_delimiter.push(rds[i]);
        this.state.recordDelimiterMaxLength = rds[i].length;
        return rds[i].length;
      }
      return 0;
    },
    __error: function(msg) {
      const { encoding, raw, skip_records_with_error } = this.options;
      const err = typeof msg === "string" ? new Error(msg) : msg;
      if (skip_records_with_error) {
        this.state.recordHasError = true;
        if (this.options.on_skip !== void 0) {
          try {
            this.options.on_skip(
              err,
              raw ? this.state.rawBuffer.toString(encoding) : void 0
            );
          } catch (err2) {
            return err2;
          }
        }
        return void 0;
      } else {
        return err;
      }
    },
    __infoDataSet: function() {
      return {
        ...this.info,
        columns: this.options.columns
      };
    },
    __infoRecord: function() {
      const { columns, raw, encoding } = this.options;
      return {
        ...this.__infoDataSet(),
        bytes_records: this.info.bytes,
        error: this.state.error,
        header: columns === true,
        index: this.state.record.length,
        raw: raw ? this.state.rawBuffer.toString(encoding) : void 0
      };
    },
    __infoField: function() {
      const { columns } = this.options;
      const isColumns = Array.isArray(columns);
      const bytes_records = this.info.bytes_records;
      return {
        ...this.__infoRecord(),
        bytes_records,
        column: isColumns === true ? columns.length > this.state.record.length ? columns[this.state.record.length].name : null : this.state.record.length,
        quoting: this.state.wasQuoting
      };
    }
  };
};

// node_modules/csv-parse/lib/sync.js
var parse = function(data, opts = {}) {
  if (typeof data === "string") {
    data = Buffer.from(data);
  }
  const records3 = opts && opts.objname ? /* @__PURE__ */ Object.create(null) : [];
  const parser = transform(opts);
  const push = (record) => {
    if (parser.options.objname === void 0) records3.push(record);
    else {
      records3[record[0]] = record[1];
    }
  };
  const close2 = () => {
  };
  const error2 = parser.parse(data, true, push, close2);
  if (error2 !== void 0) throw error2;
  return records3;
};

// src/lists.ts
var lines = (text5) => text5.split(/\r\n|\r|\n/).map((line) => line.trim()).filter((line) => line !== "");
function list(text5, input, findings, syntax = {}) {
  const entries3 = records(text5, input, findings, syntax).flatMap(
    (cells2) => syntax.wholeLines === true ? [cells2.join(",")] : cells2
  );
  const kept = syntax.keepBlanks === true ? entries3 : entries3.map((entry) => entry.trim());
  return kept.filter((entry) => entry.trim() !== "");
}
function records(text5, input, findings, syntax = {}) {
  const quoted2 = syntax.keepQuotes !== true && text5.includes('"');
  const found = quoted2 ? quotedRecords(text5, input, findings, syntax) : plainRecords(text5);
  return found.filter((cells2) => cells2.some((cell2) => cell2.trim() !== "") && !isComment(cells2, syntax));
}
var isComment = ([first = ""], { comments }) => comments === true && first.trimStart().startsWith("#");
var plainRecords = (text5) => text5.split(/\r\n|\r|\n/).map((line) => line.split(","));
function quotedRecords(text5, input, findings, { comments }) {
  try {
    return parse(text5, {
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
function boolean(inputs2, input, findings, fallback) {
  const text5 = inputs2[input] ?? "";
  if (text5 === "") return fallback;
  if (/^(?:true|True|TRUE)$/.test(text5)) return true;
  if (!/^(?:false|False|FALSE)$/.test(text5)) {
    findings.problems.push({
      input,
      cause: `\`${input}\` is \`${text5}\`, which is neither true nor false.`,
      remedy: "Write `true` or `false`."
    });
    return fallback;
  }
  return false;
}
function integer(inputs2, input, findings, bounds) {
  const text5 = inputs2[input] ?? "";
  if (text5 === "") return bounds.fallback;
  if (/^[+-]?[0-9]+$/.test(text5)) return bounded(Number(text5), text5, input, findings, bounds);
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${text5}\`, which is not a whole number.`,
    remedy: "Write it in digits."
  });
  return bounds.fallback;
}
var unit = { "": 1, s: 1, m: 60, h: 3600 };
function seconds(inputs2, input, findings, bounds) {
  const text5 = inputs2[input] ?? "";
  if (text5 === "") return bounds.fallback;
  if (/^[0-9]+$|^(?=[0-9])(?:[0-9]+h)?(?:[0-9]+m)?(?:[0-9]+s)?$/.test(text5)) {
    const total2 = [...text5.matchAll(/([0-9]+)([hms]?)/g)].reduce(
      (sum, [, count, name2 = ""]) => sum + Number(count) * (unit[name2] ?? 1),
      0
    );
    return bounded(total2, text5, input, findings, bounds);
  }
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${text5}\`, which is not a duration.`,
    remedy: "Write seconds (`120`), or a number with its unit (`90s`, `2m`, `1h30m`)."
  });
  return bounds.fallback;
}
function bounded(value, text5, input, findings, bounds) {
  const { min = 0, max = Number.MAX_SAFE_INTEGER, fallback } = bounds;
  if (value >= min && value <= max) return value;
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${text5}\`, which is ${value < min ? `less than ${min}` : `more than ${max}`}.`,
    remedy: `Give ${max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `${min} to ${max}`}.`
  });
  return fallback;
}

// src/build/attributes.ts
function attributes(text5) {
  return Object.fromEntries(
    cells(text5).map((cell2) => {
      const equals = cell2.indexOf("=");
      if (equals === -1) return [cell2.trim().toLowerCase(), ""];
      return [cell2.slice(0, equals).trim().toLowerCase(), cell2.slice(equals + 1).trim()];
    })
  );
}
function cells(text5) {
  if (!text5.includes('"')) return text5.split(",");
  try {
    return parse(text5, { relax_quotes: true, relax_column_count: true })[0] ?? [];
  } catch {
    return text5.split(",");
  }
}

// src/build/result.ts
function planResult(inputs2, context2, findings) {
  const outputs = list(inputs2.outputs, "outputs", findings, { wholeLines: true, keepQuotes: true });
  const load = boolean(inputs2, "load", findings, false);
  const method = inputs2.call === "build" ? "" : inputs2.call;
  const elsewhere2 = load || outputs.length > 0 || method !== "";
  const asked2 = inputs2.push === "" ? void 0 : boolean(inputs2, "push", findings, true);
  if (method !== "") {
    refuseWithCall({ push: asked2 === true, load, outputs: outputs.length > 0 }, method, findings);
    return { kind: "call", method };
  }
  const push = mayPush(asked2, context2, findings) && (asked2 ?? !elsewhere2);
  return { kind: "image", push, load, outputs };
}
function refuseWithCall(given2, method, findings) {
  for (const input of ["push", "load", "outputs"].filter((name2) => given2[name2])) {
    findings.problems.push({
      input,
      cause: `\`${input}\` is given together with \`call: ${method}\`, which builds nothing.`,
      remedy: `Leave out \`${input}\` or \`call\`.`
    });
  }
}
function mayPush(asked2, context2, findings) {
  const trust = trustOf(context2);
  if (trust === "own") return true;
  if (trust === "fork-with-secrets") {
    if (asked2 === void 0) findings.warnings.push(forkWithSecrets);
    return asked2 === true;
  }
  if (asked2 !== false) findings.warnings.push(untrusted[trust]);
  return false;
}
var forkWithSecrets = "This pull_request_target run is for a fork: nothing is pushed unless `push: true` says so.";
var untrusted = {
  fork: "This pull request comes from a fork, which gets no secrets: the image is built and not pushed.",
  dependabot: "This run was started by Dependabot, which gets no secrets: the image is built and not pushed."
};
function pushes(result) {
  if (result.kind === "call") return false;
  return result.push || result.outputs.some((output) => {
    const { type, push } = attributes(output);
    return type === "registry" || type === "image" && push === "true";
  });
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

// src/errors.ts
var Failure = class extends Error {
  name = "Failure";
  stage;
  problems;
  constructor(stage, problems) {
    const list5 = "cause" in problems ? [problems] : problems;
    super(`${stage}: ${list5.map((problem2) => problem2.cause).join("; ")}`);
    this.stage = stage;
    this.problems = list5;
  }
};
function lastLines(text5, count = 20) {
  return text5.trimEnd().split("\n").slice(-count).join("\n");
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
  const ends3 = await Promise.allSettled(work);
  const reasons2 = ends3.flatMap((end) => end.status === "rejected" ? [end.reason] : []);
  const failures = reasons2.filter((reason) => reason instanceof Failure);
  const fault2 = reasons2.find((reason) => !(reason instanceof Failure));
  if (fault2 !== void 0) throw fault2;
  const [first] = failures;
  if (first !== void 0) throw failures.length === 1 ? first : new Failure(first.stage, distinct(failures));
  return ends3.map((end) => end.status === "fulfilled" ? end.value : void 0);
}
function distinct(failures) {
  const seen = new Map(failures.flatMap(({ problems }) => problems).map((problem2) => [problem2.cause, problem2]));
  return [...seen.values()];
}

// src/journal.ts
function openJournal({ log: log2, cancelled }) {
  const { stages, time } = stopwatch();
  const warnings = [];
  let known = {};
  return {
    stage: (title, work) => log2.group(title, () => time(title, work)),
    warn(text5) {
      warnings.push(text5);
      log2.warning(text5);
    },
    note(more) {
      known = { ...known, ...more };
    },
    async conclude(story2) {
      const ending2 = await story2().catch((error2) => endingOf(error2, cancelled));
      return { ...ending2, ...known, stages, warnings };
    }
  };
}
function endingOf(error2, cancelled) {
  if (cancelled.aborted) return { end: "cancelled" };
  if (error2 instanceof Failure) return { end: "failed", failure: error2 };
  throw error2;
}

// src/build/plan.ts
var import_node_fs2 = require("node:fs");

// src/build/attestations.ts
function planAttestations(inputs2, context2, { result, env: env2 }, findings) {
  const given2 = list(inputs2.attests, "attests", findings, { wholeLines: true });
  const others = given2.filter((each2) => {
    const { type } = attributes(each2);
    return !(type === "provenance" && inputs2.provenance !== "") && !(type === "sbom" && inputs2.sbom !== "");
  });
  const asked2 = [
    ...inputs2.provenance === "" ? [] : [attest("provenance", withBuilderId(inputs2.provenance, context2))],
    ...inputs2.sbom === "" ? [] : [attest("sbom", inputs2.sbom)],
    ...others.map(resolveSwitches)
  ];
  if (asked2.some((each2) => attributes(each2)["type"] === "provenance")) return asked2;
  return [...byDefault(context2, result, env2), ...asked2];
}
function byDefault(context2, result, env2) {
  const off = isTrue(env2["BUILDX_NO_DEFAULT_ATTESTATIONS"] ?? "");
  if (off || result.kind === "call" || exportsTo(result, "docker")) return [];
  if (!result.push && result.outputs.length === 0) return [];
  const open3 = at(context2.payload, "repository", "private") === false;
  return [attest("provenance", withBuilderId(open3 ? "mode=max" : "mode=min,inline-only=true", context2))];
}
var attest = (type, value) => resolveSwitches(`type=${type},${value}`);
var resolveSwitches = (text5) => text5.split(",").map((cell2) => isBoolean(cell2) ? `disabled=${!isTrue(cell2)}` : cell2).join(",");
function withBuilderId(value, context2) {
  if (isBoolean(value)) return isTrue(value) ? builderId(context2) : "false";
  return attributes(value)["builder-id"] === void 0 ? `${value},${builderId(context2)}` : value;
}
var builderId = ({ serverUrl, repository, runId, runAttempt }) => `builder-id=${serverUrl}/${repository}/actions/runs/${runId}/attempts/${runAttempt}`;
var isTrue = (text5) => /^(?:1|t|true)$/i.test(text5.trim());
var isBoolean = (text5) => /^(?:1|t|true|0|f|false)$/i.test(text5.trim());
var isAttested = (attests) => attests.some((each2) => attributes(each2)["disabled"] !== "true");

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
function planPlatforms(text5, findings) {
  const platforms2 = list(text5, "platforms", findings).map(normalize);
  for (const platform2 of platforms2.filter((each2) => !isPlatform(each2))) {
    findings.problems.push({
      input: "platforms",
      cause: `\`platforms\` names \`${platform2}\`, which is no platform.`,
      remedy: "Write the platforms of the image, such as `linux/amd64,linux/arm64`."
    });
  }
  return [...new Set(platforms2)];
}
var architectures = [
  ...["amd64", "arm64", "arm", "386", "riscv64", "ppc64le", "ppc64", "s390x", "loong64", "wasm"],
  ...["mips", "mipsle", "mips64", "mips64le"]
];
function normalize(text5) {
  const [first = "", ...rest] = text5.toLowerCase().split("/");
  const architecture3 = aliases[first] ?? first;
  if (architectures.includes(architecture3.split("/")[0] ?? ""))
    return ["linux", architecture3, ...rest].join("/");
  const [second2, ...variant] = rest;
  return [first, ...second2 === void 0 ? [] : [aliases[second2] ?? second2], ...variant].join("/");
}
var isPlatform = (text5) => text5 === "local" || /^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9.]+)?$/.test(text5);
var alsoNative = {
  amd64: ["386"],
  arm64: ["arm"],
  arm: ["arm"]
};
function isNative(platform2, machine) {
  if (platform2 === "local") return true;
  const [system, architecture3 = ""] = platform2.split("/");
  const [ownSystem, own = ""] = machine.split("/");
  return system === ownSystem && (architecture3 === own || (alsoNative[own] ?? []).includes(architecture3));
}
var emulators = {
  amd64: "x86_64",
  arm64: "aarch64",
  "386": "i386",
  mips64le: "mips64el",
  loong64: "loongarch64"
};
var architectureOf = (platform2) => platform2.split("/")[1] ?? platform2;
function emulatorOf(platform2) {
  const architecture3 = architectureOf(platform2);
  return `qemu-${emulators[architecture3] ?? architecture3}`;
}

// src/build/nodes.ts
async function planNodes(text5, findings) {
  if (text5 === "") return [];
  const { load } = await Promise.resolve().then(() => __toESM(require("./vendor/js-yaml.cjs"), 1));
  try {
    const nodes = load(text5);
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
    platforms: entries2(at(node, "platforms")).flatMap((entry) => entry.split(",")).map((cell2) => normalize(cell2.trim())),
    driverOpts: entries2(at(node, "driver-opts")),
    flags: text(node, "buildkitd-flags")
  };
}
var text = (node, key) => {
  const value = at(node, key);
  return value === void 0 || value === null ? void 0 : String(value);
};
var entries2 = (value) => Array.isArray(value) ? value.map(String) : lines(value === void 0 || value === null ? "" : String(value));

// src/build/builder-plan.ts
var drivers = ["docker", "docker-container", "kubernetes", "remote", "cloud"];
var qemuImage = "docker.io/tonistiigi/binfmt@sha256:400a4873b838d1b89194d982c45e5fb3cda4593fbfd7e08a02e76b03b21166f0";
async function planBuilder(inputs2, env2, findings) {
  const driver = planDriver(inputs2, findings);
  return {
    name: inputs2.builder || env2["BUILDX_BUILDER"] || void 0,
    driver,
    driverOpts: list(inputs2["driver-opts"], "driver-opts", findings, { wholeLines: true, keepQuotes: true }),
    config: inputs2["buildkitd-config-inline"] || void 0,
    flags: inputs2["buildkitd-flags"] || void 0,
    endpoint: inputs2.endpoint || void 0,
    nodes: await planNodes(inputs2.append, findings),
    keepState: boolean(inputs2, "keep-state", findings, false),
    cleanup: boolean(inputs2, "cleanup", findings, true),
    qemuImage: inputs2["qemu-image"] || qemuImage
  };
}
function planDriver(inputs2, findings) {
  if (inputs2.driver === "") return void 0;
  const driver = drivers.find((known) => known === inputs2.driver);
  if (driver === void 0) {
    findings.problems.push({
      input: "driver",
      cause: `\`driver\` is \`${inputs2.driver}\`, which buildx does not have.`,
      remedy: `Give one of ${drivers.map((known) => `\`${known}\``).join(", ")}, or leave it out.`
    });
  }
  if (driver === "docker") refuseForEngine(inputs2, findings);
  if (driver === "remote" && inputs2.endpoint === "") findings.problems.push(noEndpoint);
  return driver;
}
var noEndpoint = {
  input: "endpoint",
  cause: "`driver: remote` is given without `endpoint`.",
  remedy: "Give the address of the buildkitd, such as `tcp://buildkitd.example.com:1234`."
};
function refuseForEngine(inputs2, findings) {
  const names3 = ["driver-opts", "buildkitd-config-inline", "buildkitd-flags", "endpoint", "append"];
  for (const input of names3.filter((name2) => at(inputs2, name2) !== "")) {
    findings.problems.push({
      input,
      cause: `\`${input}\` is given together with \`driver: docker\`, whose builder is the engine's own.`,
      remedy: `Leave out \`${input}\`, or take \`driver: docker-container\`.`
    });
  }
}

// src/build/cache.ts
function planCache(inputs2, findings) {
  const entries3 = (input) => list(inputs2[input], input, findings, { wholeLines: true }).map(readEntry);
  return {
    cacheFrom: entries3("cache-from"),
    cacheTo: entries3("cache-to").map(ignoreErrors)
  };
}
function readEntry(entry) {
  const text5 = entry.includes("=") ? entry : `type=registry,ref=${entry}`;
  const given2 = attributes(text5);
  const type = given2["type"] ?? "";
  return { type, text: text5, scopeMissing: type === "gha" && given2["scope"] === void 0 };
}
function ignoreErrors(entry) {
  const decided = entry.type === "inline" || attributes(entry.text)["ignore-error"] !== void 0;
  return decided ? entry : { ...entry, text: `${entry.text},ignore-error=true` };
}
var cacheFromArguments = (entries3, scope) => entries3.flatMap(({ text: text5, scopeMissing }) => scopeMissing ? [`${text5},scope=${scope}`, text5] : [text5]);
var cacheToArguments = (entries3, scope) => entries3.map(({ text: text5, scopeMissing }) => scopeMissing ? `${text5},scope=${scope}` : text5);
function cacheScope(image, target) {
  return [image || "build", target].filter((part) => part !== void 0).join("-").replaceAll(",", "-");
}

// src/build/secrets.ts
function planSecrets(inputs2, fetched, findings) {
  const whole = { wholeLines: true };
  const values = list(inputs2.secrets, "secrets", findings, { ...whole, keepBlanks: true });
  const files = list(inputs2["secret-files"], "secret-files", findings, whole);
  const variables = list(inputs2["secret-envs"], "secret-envs", findings);
  const secrets = [
    ...pairs(values, "secrets", findings).map(([id, value]) => ({ kind: "value", id, value })),
    ...pairs(files, "secret-files", findings).map(([id, path4]) => ({ kind: "file", id, path: path4 })),
    ...pairs(variables, "secret-envs", findings).map(
      ([id, variable4]) => ({ kind: "variable", id, variable: variable4 })
    )
  ];
  return [...secrets, ...gitToken(inputs2["github-token"], fetched, secrets)];
}
function pairs(entries3, input, findings) {
  return entries3.flatMap((entry, place2) => {
    const equals = entry.indexOf("=");
    const id = entry.slice(0, Math.max(equals, 0)).trim();
    const value = entry.slice(equals + 1);
    if (id === "") findings.problems.push(noName(input, place2 + 1));
    else if (value === "") findings.warnings.push(`\`${input}\` gives \`${id}\` no value; it is left out.`);
    else return [[id, value]];
    return [];
  });
}
var noName = (input, place2) => ({
  input,
  cause: `Entry ${place2} of \`${input}\` has no name.`,
  remedy: 'Write `NAME=value`; put a value of several lines in quotes, with the name inside: `"NAME=first\nsecond"`.'
});
function gitToken(token2, fetched, secrets) {
  const host2 = URL.canParse(fetched.serverUrl) ? new URL(fetched.serverUrl).host : "";
  const id = `GIT_AUTH_TOKEN.${host2}`;
  const given2 = secrets.some((secret) => secret.id === "GIT_AUTH_TOKEN" || secret.id === id);
  if (token2 === "" || host2 === "" || given2 || !needsToken(fetched)) return [];
  return [{ kind: "value", id, value: token2 }];
}
function needsToken({ source, buildContexts, serverUrl }) {
  const own = (url) => url.startsWith(`${serverUrl}/`);
  return source.kind === "commit" || source.kind === "remote" && own(source.url) || buildContexts.some(
    (entry) => /\{\{\s*defaultContext\s*\}\}/.test(entry) || entry.includes(`=${serverUrl}/`)
  );
}

// src/build/source.ts
var import_node_path = require("node:path");
var defaultContext = /\{\{\s*defaultContext\s*\}\}/g;
function planSource(inputs2, context2, findings, exists2) {
  const here = (path4) => exists2((0, import_node_path.resolve)(context2.workspace, path4));
  const given2 = inputs2.context;
  if (given2 === "") {
    const checkedOut = here(".git") || here(inputs2.file || "Dockerfile");
    return checkedOut ? { kind: "directory", path: "." } : commit(context2, "");
  }
  const [, subdirectory] = /^\{\{\s*defaultContext\s*\}\}(?::(.*))?$/.exec(given2) ?? [];
  if (given2.match(defaultContext)) return commit(context2, subdirectory ?? "");
  if (isRemote(given2)) return { kind: "remote", url: given2 };
  if (!here(given2)) findings.problems.push(notThere(given2));
  return { kind: "directory", path: given2 };
}
function sourceArgument(source) {
  if (source.kind === "directory") return source.path;
  if (source.kind === "remote" || source.subdirectory === "") return source.url;
  return `${source.url}:${source.subdirectory}`;
}
var fillContext = (text5, context2) => text5.replaceAll(defaultContext, commitUrl(context2));
var commit = (context2, subdirectory) => ({
  kind: "commit",
  url: commitUrl(context2),
  subdirectory
});
function commitUrl({ serverUrl, repository, ref, sha }) {
  const pull = ref.startsWith("refs/pull/");
  return `${serverUrl}/${repository}.git#${sha !== "" && !pull ? sha : ref}`;
}
var isRemote = (text5) => text5 === "-" || /^(?:https?|git|ssh|docker-image|oci-layout|target):\/\//i.test(text5) || /^git@|^github\.com\//.test(text5);
var notThere = (path4) => ({
  input: "context",
  cause: `\`context\` is \`${path4}\`, which is not there.`,
  remedy: path4 === "git" || path4 === "workflow" ? "For where tags and labels come from, `metadata-context` is the input." : "Give a directory of the workspace, and run actions/checkout before this step; or give a git URL."
});

// src/build/plan.ts
async function planBuild(inputs2, context2, findings, { env: env2, exists: exists2 = import_node_fs2.existsSync }) {
  const result = planResult(inputs2, context2, findings);
  const source = planSource(inputs2, context2, findings, exists2);
  const buildContexts = list(inputs2["build-contexts"], "build-contexts", findings, { wholeLines: true });
  return {
    when: planWhen(inputs2, findings),
    source,
    file: given(inputs2.file),
    target: given(inputs2.target),
    platforms: planPlatforms(inputs2.platforms, findings),
    buildArgs: planBuildArgs(inputs2, findings),
    buildContexts: buildContexts.map((entry) => fillContext(entry, context2)),
    secrets: planSecrets(inputs2, { source, buildContexts, serverUrl: context2.serverUrl }, findings),
    ssh: list(inputs2.ssh, "ssh", findings),
    ...planCache(inputs2, findings),
    noCache: boolean(inputs2, "no-cache", findings, false),
    noCacheFilters: list(inputs2["no-cache-filters"], "no-cache-filters", findings),
    pull: boolean(inputs2, "pull", findings, false),
    result,
    attests: planAttestations(inputs2, context2, { result, env: env2 }, findings),
    network: given(inputs2.network),
    addHosts: list(inputs2["add-hosts"], "add-hosts", findings),
    allow: list(inputs2.allow, "allow", findings),
    ulimits: list(inputs2.ulimit, "ulimit", findings, { wholeLines: true }),
    shmSize: given(inputs2["shm-size"]),
    cgroupParent: given(inputs2["cgroup-parent"]),
    builder: await planBuilder(inputs2, env2, findings)
  };
}
var given = (text5) => text5 === "" ? void 0 : text5;
function planWhen(inputs2, findings) {
  if (inputs2.build === "auto") return "missing";
  return boolean(inputs2, "build", findings, true) ? "always" : "never";
}
function planBuildArgs(inputs2, findings) {
  const args = list(inputs2["build-args"], "build-args", findings, { wholeLines: true });
  const empty = args.filter((arg) => arg.endsWith("=") && arg.indexOf("=") === arg.length - 1);
  for (const arg of empty) {
    findings.warnings.push(
      `\`build-args\` gives \`${arg.slice(0, -1)}\` an empty value; the version is \`{{meta.version}}\` here.`
    );
  }
  return args;
}

// src/check/plan.ts
function planCheck(inputs2, findings) {
  if (inputs2["check-url"] === "") {
    for (const input of ["check-status", "check-contains"])
      if (inputs2[input] !== "") findings.warnings.push(`\`${input}\` has no effect without \`check-url\`.`);
    return void 0;
  }
  const url = parseUrl(inputs2["check-url"], findings);
  return {
    url,
    status: ranges(inputs2["check-status"] || "200-399", findings),
    contains: inputs2["check-contains"],
    timeout: seconds(inputs2, "check-timeout", findings, { fallback: 60, min: 1, max: 3600 }),
    from: choice(inputs2, "check-from", ["runner", "server"], findings),
    onLost: choice(inputs2, "check-on-lost", ["keep", "roll back"], findings)
  };
}
function parseUrl(text5, findings) {
  const url = URL.parse(text5);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  findings.problems.push({
    input: "check-url",
    cause: `\`check-url\` is \`${text5}\`, which is not an http or https URL.`,
    remedy: "Write it in full: `https://app.example.com/health`."
  });
  return new URL("http://localhost/");
}
function ranges(text5, findings) {
  return text5.split(/[\s,]+/).map((part) => {
    const [, low, high = low] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(part) ?? [];
    if (low === void 0)
      findings.problems.push({
        input: "check-status",
        cause: `\`check-status\` has \`${part}\`, which is not an HTTP status.`,
        remedy: "Write codes or ranges: `200`, `200-299`, `200,301`."
      });
    return [Number(low ?? 0), Number(high ?? 0)];
  });
}
function choice(inputs2, input, choices, findings) {
  const given2 = inputs2[input] || choices[0];
  const found = choices.find((one2) => one2 === given2);
  if (found !== void 0) return found;
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${given2}\`.`,
    remedy: `Write ${choices.map((one2) => `\`${one2}\``).join(" or ")}.`
  });
  return choices[0];
}

// src/image/reference.ts
var label = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
var registryPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
var component = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
var repositoryPattern = new RegExp(`^${component}(?:/${component})*$`);
var tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
var digestPattern = /^(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/;
var longestName = 255;
var isTag = (text5) => tagPattern.test(text5);
var isDigest = (text5) => digestPattern.test(text5);
function parseReference(text5) {
  if (/^[a-f0-9]{64}$/.test(text5)) {
    return refusal("64 hexadecimal digits are an image ID, not a name", "Give the name of a repository.");
  }
  const { name: name2, tag, digest } = split(text5);
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
var sameRepository = (one2, other) => one2.repository === other.repository && registryOf(one2) === registryOf(other);
var ends = ({ tag, digest }) => (tag === void 0 ? "" : `:${tag}`) + (digest === void 0 ? "" : `@${digest}`);
function split(text5) {
  const [named2 = "", ...rest] = text5.split("@");
  const digest = rest.length === 0 ? {} : { digest: rest.join("@") };
  const colon = named2.indexOf(":", named2.lastIndexOf("/") + 1);
  if (colon === -1) return { name: named2, ...digest };
  return { name: named2.slice(0, colon), tag: named2.slice(colon + 1), ...digest };
}
function splitRegistry(name2) {
  const slash = name2.indexOf("/");
  const first = name2.slice(0, Math.max(slash, 0));
  const named2 = slash !== -1 && (/[.:A-Z]/.test(first) || first === "localhost");
  const registry = named2 && first !== "index.docker.io" ? first : "docker.io";
  const repository = named2 ? name2.slice(slash + 1) : name2;
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

// src/deploy/plan.ts
function planDeploy(inputs2, ssh, findings) {
  const plan = {
    projectDirectory: planDirectory(inputs2["project-directory"], findings),
    services: planServices(inputs2.service, findings),
    composeFiles: lines(inputs2["compose-files"]),
    projectName: planName(inputs2["project-name"], findings),
    waitTimeout: seconds(inputs2, "wait-timeout", findings, { fallback: 120, min: 1, max: hours(2) }),
    stability: seconds(inputs2, "stability", findings, { fallback: 10, max: hours(1) }),
    rollback: boolean(inputs2, "rollback", findings, true),
    rollbackTo: planRollback(inputs2["rollback-to"], findings),
    lockTimeout: seconds(inputs2, "lock-timeout", findings, { fallback: 600, max: hours(6) }),
    keepReleases: integer(inputs2, "keep-releases", findings, { fallback: 3, max: 1e3 }),
    serverLogin: boolean(inputs2, "server-login", findings, true),
    dryRun: boolean(inputs2, "dry-run", findings, false)
  };
  checkTimes(plan, findings);
  return ssh === void 0 ? void 0 : { ssh, ...plan };
}
var hours = (count) => count * 3600;
function missing(input, remedy, { problems }) {
  problems.push({ input, cause: `\`${input}\` is not given, and \`ssh-host\` asks for a deploy.`, remedy });
}
function planDirectory(text5, findings) {
  if (text5 === "") {
    missing("project-directory", "Name the directory of the compose file on the server.", findings);
  } else if (/^~[^/]/.test(text5) || /[\r\n]/.test(text5)) {
    findings.problems.push({
      input: "project-directory",
      cause: `\`project-directory\` is \`${text5}\`, which is no path that can be followed.`,
      remedy: "Write an absolute path, or one relative to the home directory of the login."
    });
  }
  return text5.replace(/^~\/*/, "") || ".";
}
var serviceName = /^[a-zA-Z0-9._-]+$/;
function planServices(text5, findings) {
  const services = [...new Set(list(text5, "service", findings))];
  if (services.length === 0) missing("service", "Name the Compose service to bring up.", findings);
  for (const service of services.filter((name2) => !serviceName.test(name2))) {
    findings.problems.push({
      input: "service",
      cause: `\`service\` is \`${service}\`, which is no name of a Compose service.`,
      remedy: "A name has letters, digits, `.`, `_` and `-`; several stand on a line each."
    });
  }
  return services;
}
function planName(text5, findings) {
  if (text5 === "") return void 0;
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(text5)) {
    findings.problems.push({
      input: "project-name",
      cause: `\`project-name\` is \`${text5}\`, which is no name of a Compose project.`,
      remedy: "A name has lower-case letters, digits, `-` and `_`, and begins with a letter or a digit."
    });
  }
  return text5;
}
function planRollback(text5, findings) {
  if (text5 === "") return void 0;
  if (!isTag(text5) && !isDigest(text5)) {
    findings.problems.push({
      input: "rollback-to",
      cause: `\`rollback-to\` is \`${text5}\`, which is neither \`previous\` nor a digest nor a tag.`,
      remedy: "Write `previous`, or the digest (`sha256:…`) or the tag of a release in the history of the server."
    });
  }
  return text5;
}
function checkTimes({ stability, waitTimeout }, findings) {
  if (stability < waitTimeout) return;
  findings.problems.push({
    input: "wait-timeout",
    cause: `\`wait-timeout\` is ${waitTimeout} s, and a release must stay up for \`stability\`, ${stability} s: it cannot.`,
    remedy: "Give `wait-timeout` more than `stability`, with the time that the service takes to start."
  });
}

// src/findings.ts
var noFindings = () => ({ problems: [], warnings: [] });

// src/image/trigger.ts
var workflowContext = (context2, env2) => ({
  ...context2,
  ref: refOf(context2),
  sha: shaOf(context2, env2)
});
function readTrigger(context2, env2, now, findings) {
  const { ref, sha } = context2;
  const defaultBranch = text2(at(context2.payload, "repository", "default_branch"));
  return {
    eventName: context2.eventName,
    ref,
    sha,
    shortSha: sha.slice(0, shortLength(env2, findings)),
    baseRef: baseRefOf(context2, ref),
    defaultBranch: defaultBranch ?? (context2.eventName === "schedule" ? branchOf(ref) : void 0),
    onDefaultBranch: onDefaultBranch(context2.eventName, ref, defaultBranch),
    now,
    commitDate: eventCommitDate(context2, sha)
  };
}
var branchOf = (ref) => after("refs/heads/", ref);
var tagOf = (ref) => after("refs/tags/", ref);
var pullRequestOf = (ref) => after("refs/pull/", ref)?.replace(/\/merge$/, "");
var after = (prefix, ref) => ref.startsWith(prefix) ? ref.slice(prefix.length) : void 0;
var text2 = (value) => typeof value === "string" && value !== "" ? value : void 0;
function refOf({ eventName, ref, payload }) {
  const number = at(payload, "number") ?? at(payload, "pull_request", "number");
  return eventName === "pull_request_target" && number !== void 0 ? `refs/pull/${number}/merge` : ref;
}
function shaOf({ eventName, sha, payload }, env2) {
  const wanted = /true/i.test(env2["DOCKER_METADATA_PR_HEAD_SHA"] ?? "") && eventName.startsWith("pull_request");
  return (wanted ? text2(at(payload, "pull_request", "head", "sha")) : void 0) ?? sha;
}
function shortLength(env2, findings) {
  const given2 = env2["DOCKER_METADATA_SHORT_SHA_LENGTH"] ?? "";
  if (given2 === "") return 7;
  if (/^[1-9][0-9]*$/.test(given2)) return Number(given2);
  findings.problems.push({
    cause: `The variable DOCKER_METADATA_SHORT_SHA_LENGTH is \`${given2}\`, which is no length.`,
    remedy: "Set it to a number of characters, such as 12, or do not set it."
  });
  return 7;
}
function baseRefOf({ payload }, ref) {
  if (tagOf(ref) !== void 0) return text2(at(payload, "base_ref"))?.replace(/^refs\/heads\//, "") ?? "";
  if (pullRequestOf(ref) === void 0) return "";
  return text2(at(payload, "pull_request", "base", "ref")) ?? "";
}
var defaultBranchEvents = /create|discussion|issues|schedule/;
function onDefaultBranch(eventName, ref, defaultBranch) {
  if (ref === "" || ref === "refs/heads/") return false;
  return defaultBranchEvents.test(eventName) || (branchOf(ref) ?? ref) === defaultBranch;
}
function eventCommitDate({ payload }, sha) {
  const commits = at(payload, "commits");
  const all = [...Array.isArray(commits) ? commits : [], at(payload, "head_commit")];
  const stamp = text2(
    at(
      all.find((commit2) => at(commit2, "id") === sha),
      "timestamp"
    )
  );
  return stamp === void 0 ? void 0 : validDate(stamp);
}
function validDate(stamp) {
  const date2 = new Date(stamp);
  return Number.isNaN(date2.getTime()) ? void 0 : date2;
}

// src/image/default-rules.ts
function defaultRules(trigger) {
  const version = versionPattern.exec(tagOf(trigger.ref) ?? "");
  return [
    "type=schedule",
    "type=ref,event=branch",
    "type=ref,event=pr",
    ...version === null ? ["type=raw,priority=600,value={{tag}}"] : versionRules(version[1]),
    "type=sha"
  ].join("\n");
}
var defaultFlavor = (flavor, { onDefaultBranch: onDefaultBranch2, ref }) => flavor.latest === "auto" && onDefaultBranch2 && branchOf(ref) !== void 0 ? { ...flavor, latest: "true" } : flavor;
var versionPattern = /^v?(0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;
var versionRules = (major) => [
  "type=semver,pattern={{version}}",
  "type=semver,pattern={{major}}.{{minor}}",
  ...major === "0" ? [] : ["type=semver,pattern={{major}}"],
  "type=ref,event=tag"
];

// src/image/date-tokens.ts
var months = "January February March April May June July August September October November December".split(
  " "
);
var weekdays = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
var day = 864e5;
var pad = (value, length) => String(value).padStart(length, "0");
function ordinal(value) {
  const teens = value % 100 >= 11 && value % 100 <= 13;
  return value + (teens ? "th" : ["th", "st", "nd", "rd"][value % 10] ?? "th");
}
var year = ({ local }) => local.getUTCFullYear();
var month = ({ local }) => local.getUTCMonth();
var date = ({ local }) => local.getUTCDate();
var weekday = ({ local }) => local.getUTCDay();
var hour = ({ local }) => local.getUTCHours();
var hour12 = (clock) => hour(clock) % 12 || 12;
var hour24 = (clock) => hour(clock) || 24;
var minute = ({ local }) => local.getUTCMinutes();
var second = ({ local }) => local.getUTCSeconds();
var quarter = (clock) => Math.floor(month(clock) / 3) + 1;
var dayOfYear = (clock) => Math.floor((clock.local.getTime() - Date.UTC(year(clock), 0, 1)) / day) + 1;
function week({ local }, mondayFirst) {
  const inWeek = mondayFirst ? (local.getUTCDay() + 6) % 7 : local.getUTCDay();
  const decisive = new Date(local.getTime() + ((mondayFirst ? 3 : 6) - inWeek) * day);
  const first = Date.UTC(decisive.getUTCFullYear(), 0, 1);
  return { year: decisive.getUTCFullYear(), number: Math.floor((decisive.getTime() - first) / day / 7) + 1 };
}
function offset({ offset: minutes }, separator) {
  const absolute = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${pad(Math.floor(absolute / 60), 2)}${separator}${pad(absolute % 60, 2)}`;
}
var numbers = (name2, value) => ({
  [name2]: (clock) => String(value(clock)),
  [name2 + name2]: (clock) => pad(value(clock), 2),
  [`${name2}o`]: (clock) => ordinal(value(clock))
});
var fractions = Object.fromEntries(
  [1, 2, 3, 4, 5, 6, 7, 8, 9].map((digits) => [
    "S".repeat(digits),
    ({ local }) => pad(local.getUTCMilliseconds(), 3).padEnd(9, "0").slice(0, digits)
  ])
);
var tokens = {
  ...numbers("M", (clock) => month(clock) + 1),
  MMM: (clock) => (months[month(clock)] ?? "").slice(0, 3),
  MMMM: (clock) => months[month(clock)] ?? "",
  Q: (clock) => String(quarter(clock)),
  Qo: (clock) => ordinal(quarter(clock)),
  ...numbers("D", date),
  DDD: (clock) => String(dayOfYear(clock)),
  DDDo: (clock) => ordinal(dayOfYear(clock)),
  DDDD: (clock) => pad(dayOfYear(clock), 3),
  d: (clock) => String(weekday(clock)),
  do: (clock) => ordinal(weekday(clock)),
  dd: (clock) => (weekdays[weekday(clock)] ?? "").slice(0, 2),
  ddd: (clock) => (weekdays[weekday(clock)] ?? "").slice(0, 3),
  dddd: (clock) => weekdays[weekday(clock)] ?? "",
  e: (clock) => String(weekday(clock)),
  E: (clock) => String(weekday(clock) || 7),
  ...numbers("w", (clock) => week(clock, false).number),
  ...numbers("W", (clock) => week(clock, true).number),
  Y: (clock) => String(year(clock)),
  YY: (clock) => pad(year(clock) % 100, 2),
  YYYY: (clock) => pad(year(clock), 4),
  YYYYY: (clock) => pad(year(clock), 5),
  YYYYYY: (clock) => `+${pad(year(clock), 6)}`,
  // Years of an era, of which this one has no second.
  y: (clock) => String(year(clock)),
  yo: (clock) => ordinal(year(clock)),
  yy: (clock) => pad(year(clock), 2),
  yyy: (clock) => pad(year(clock), 3),
  yyyy: (clock) => pad(year(clock), 4),
  N: () => "AD",
  NN: () => "AD",
  NNN: () => "AD",
  NNNN: () => "Anno Domini",
  NNNNN: () => "AD",
  gg: (clock) => pad(week(clock, false).year % 100, 2),
  gggg: (clock) => pad(week(clock, false).year, 4),
  ggggg: (clock) => pad(week(clock, false).year, 5),
  GG: (clock) => pad(week(clock, true).year % 100, 2),
  GGGG: (clock) => pad(week(clock, true).year, 4),
  GGGGG: (clock) => pad(week(clock, true).year, 5),
  a: (clock) => hour(clock) < 12 ? "am" : "pm",
  A: (clock) => hour(clock) < 12 ? "AM" : "PM",
  H: (clock) => String(hour(clock)),
  HH: (clock) => pad(hour(clock), 2),
  h: (clock) => String(hour12(clock)),
  hh: (clock) => pad(hour12(clock), 2),
  k: (clock) => String(hour24(clock)),
  kk: (clock) => pad(hour24(clock), 2),
  m: (clock) => String(minute(clock)),
  mm: (clock) => pad(minute(clock), 2),
  s: (clock) => String(second(clock)),
  ss: (clock) => pad(second(clock), 2),
  hmm: (clock) => hour12(clock) + pad(minute(clock), 2),
  hmmss: (clock) => hour12(clock) + pad(minute(clock), 2) + pad(second(clock), 2),
  Hmm: (clock) => hour(clock) + pad(minute(clock), 2),
  Hmmss: (clock) => hour(clock) + pad(minute(clock), 2) + pad(second(clock), 2),
  ...fractions,
  Z: (clock) => offset(clock, ":"),
  ZZ: (clock) => offset(clock, ""),
  X: ({ instant }) => String(Math.floor(instant.getTime() / 1e3)),
  x: ({ instant }) => String(instant.getTime())
};
var composed = {
  LT: "h:mm A",
  LTS: "h:mm:ss A",
  L: "MM/DD/YYYY",
  LL: "MMMM D, YYYY",
  LLL: "MMMM D, YYYY h:mm A",
  LLLL: "dddd, MMMM D, YYYY h:mm A",
  l: "M/D/YYYY",
  ll: "MMM D, YYYY",
  lll: "MMM D, YYYY h:mm A",
  llll: "ddd, MMM D, YYYY h:mm A"
};

// src/image/template.ts
var TemplateError = class extends Error {
  remedy;
  constructor(message, remedy) {
    super(message);
    this.remedy = remedy;
  }
};
function render(template, expressions) {
  const unknown2 = [];
  const text5 = template.replace(mustache, (whole, mark2, triple, double = "") => {
    if (mark2 === void 0) throw new TemplateError(`has \`${whole}\`, which is never closed`);
    if (mark2 !== "") return whole.slice(1);
    if (triple === void 0 && double.startsWith("!")) return "";
    const plain3 = triple ?? (double.startsWith("&") ? double.slice(1) : void 0);
    const { name: name2, ...call } = parseCall(plain3 ?? double, whole);
    const expression2 = expressions[name2];
    if (expression2 === void 0) {
      if (call.args.length > 0) throw new TemplateError(`uses \`${name2}\`, which nothing is known of`);
      unknown2.push(name2);
      return "";
    }
    return plain3 === void 0 ? escapeHtml(expression2(call)) : expression2(call);
  });
  return { text: text5, unknown: unknown2 };
}
var isOnly = (name2, template) => new RegExp(`^\\{\\{\\{?&?\\s*${name2}\\s*\\}?\\}\\}$`).test(template);
var outside = (template) => template.replace(mustache, "");
var mustache = /(\\?)\{\{(?:\{([\s\S]*?)\}|([\s\S]*?))\}\}|\{\{[\s\S]*$/g;
var token = /\s*(?:([\w-]+)=)?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s'"]+))/y;
function parseCall(inside, whole) {
  const [, name2, rest = ""] = /^\s*([A-Za-z_][\w-]*)((?:\s[\s\S]*)?)$/.exec(inside) ?? [];
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
    const plain3 = value.replace(/\\(['"])/g, "$1");
    if (key === void 0) args.push(plain3);
    else options[key] = plain3;
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
var escapeHtml = (text5) => text5.replace(/[&<>"'`=]/g, (found) => entities[found] ?? found);

// src/image/time-zone.ts
function wallClock(instant, zone) {
  if (/^(?:Etc\/)?UTC$/i.test(zone)) return { instant, local: instant, offset: 0, utc: true };
  const local = localDate(instant, zone);
  if (local === void 0) return void 0;
  const seconds2 = Math.floor(instant.getTime() / 1e3) * 1e3;
  return { instant, local, offset: Math.round((wholeSeconds(local) - seconds2) / 6e4), utc: false };
}
var wholeSeconds = (date2) => Math.floor(date2.getTime() / 1e3) * 1e3;
function localDate(instant, timeZone) {
  const fields2 = clockFields(instant, timeZone);
  if (fields2 === void 0) return void 0;
  const { year: year2 = 0, month: month2 = 1, day: day2 = 1, hour: hour2 = 0, minute: minute2 = 0, second: second2 = 0 } = fields2;
  return new Date(Date.UTC(year2, month2 - 1, day2, hour2, minute2, second2, instant.getUTCMilliseconds()));
}
function clockFields(instant, timeZone) {
  try {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric"
    });
    return Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  } catch (error2) {
    if (error2 instanceof RangeError) return void 0;
    throw error2;
  }
}

// src/image/date.ts
var longest = Math.max(...Object.keys(tokens).map((name2) => name2.length));
function formatDate(instant, format, zone) {
  const clock = wallClock(instant, zone);
  if (clock === void 0) throw new TemplateError(`names the time zone \`${zone}\`, which there is not`);
  const usual = clock.utc ? "YYYY-MM-DDTHH:mm:ss[Z]" : "YYYY-MM-DDTHH:mm:ssZ";
  let text5 = "";
  for (let rest = expand(format === "" ? usual : format); rest !== ""; ) {
    const [used, said] = next(clock, rest);
    text5 += said;
    rest = rest.slice(used);
  }
  return text5;
}
var expand = (format) => format.replace(/\[[^[]*?\]|\\?(?:LTS|LT|L{1,4}|l{1,4})/g, (found) => composed[found] ?? found);
function next(clock, rest) {
  const [literal, inner] = /^\[([^[]*?)\]/.exec(rest) ?? [];
  if (literal !== void 0) return [literal.length, inner ?? ""];
  if (rest.startsWith("\\") && rest.length > 1) {
    const name3 = tokenAt(rest.slice(1)) ?? rest.charAt(1);
    return [name3.length + 1, name3];
  }
  const name2 = tokenAt(rest);
  if (name2 === void 0) return zoneName(clock, rest) ?? [1, rest.charAt(0)];
  return [name2.length, tokens[name2]?.(clock) ?? ""];
}
function zoneName(clock, rest) {
  const [token2] = /^zz?/.exec(rest) ?? [];
  if (token2 === void 0) return void 0;
  if (clock.utc) return [token2.length, "UTC"];
  throw new TemplateError(
    `has a date with \`${token2}\`, the name of a time zone, which is known of UTC alone`,
    "Write `Z` for its offset."
  );
}
function tokenAt(rest) {
  for (let length = Math.min(longest, rest.length); length > 0; length--) {
    const name2 = rest.slice(0, length);
    if (Object.hasOwn(tokens, name2)) return name2;
  }
  return void 0;
}

// src/image/expressions.ts
var dateExpressions = (trigger) => ({
  date: (call) => dateOf(call, trigger.now, "date"),
  // Where nobody knows when the commit was made, Docker's action takes the present as well.
  commit_date: (call) => dateOf(call, trigger.commitDate ?? trigger.now, "commit_date")
});
var globalExpressions = (trigger) => ({
  branch: () => branchOf(trigger.ref) ?? "",
  tag: () => tagOf(trigger.ref) ?? "",
  sha: () => trigger.shortSha,
  base_ref: () => trigger.baseRef,
  is_default_branch: () => String(trigger.onDefaultBranch),
  is_not_default_branch: () => String(!trigger.onDefaultBranch),
  ...dateExpressions(trigger)
});
function dateOf({ args: [format], options: { tz = "UTC", ...others } }, date2, name2) {
  if (format === void 0) throw new TemplateError(`has \`{{${name2}}}\` without a format in quotes`);
  const [other] = Object.keys(others);
  if (other !== void 0)
    throw new TemplateError(`has \`{{${name2}}}\` with \`${other}=\`, and only \`tz=\` is known`);
  return formatDate(date2, format, tz);
}
var filler = (input, findings) => (template, expressions) => {
  if (!template.includes("{{")) return template;
  try {
    const { text: text5, unknown: unknown2 } = render(template, expressions);
    for (const name2 of unknown2) warnUnknown(input, name2, template, expressions, findings);
    return text5;
  } catch (error2) {
    if (!(error2 instanceof TemplateError)) throw error2;
    refuse(findings, {
      input,
      cause: `\`${input}\` ${error2.message}: \`${template}\`.`,
      remedy: error2.remedy ?? `Known here are ${names(expressions)}; \`\\{{\` is for braces that are meant as such.`
    });
    return "";
  }
};
function warnUnknown(input, name2, template, expressions, { warnings }) {
  const warning2 = `\`${input}\`: \`{{${name2}}}\` in \`${template}\` is empty: known here are ${names(expressions)}.`;
  if (!warnings.includes(warning2)) warnings.push(warning2);
}
var names = (expressions) => Object.keys(expressions).map((name2) => `\`{{${name2}}}\``).join(", ");
function refuse({ problems }, problem2) {
  if (!problems.some(({ cause }) => cause === problem2.cause)) problems.push(problem2);
}

// src/image/flavor.ts
var none = { text: "", onLatest: false };
function parseFlavor(text5, findings) {
  const flavor = { latest: "auto", prefix: none, suffix: none };
  return records(text5, "flavor", findings, { comments: true }).reduce(
    (before, cells2) => readLine(before, cells2, findings),
    flavor
  );
}
function readLine(before, cells2, findings) {
  let flavor = before;
  let last;
  for (const cell2 of cells2) {
    const [, key = "", value = ""] = /^([^=]*)=([\s\S]*)$/.exec(cell2)?.map((part) => part.trim()) ?? [];
    const name2 = key.toLowerCase();
    if (name2 === "latest" && isLatest(value)) flavor = { ...flavor, latest: value };
    else if (name2 === "prefix" || name2 === "suffix") {
      last = name2;
      flavor = { ...flavor, [name2]: { ...flavor[name2], text: value } };
    } else if (name2 === "onlatest" && last !== void 0 && /^(?:true|false)$/.test(value)) {
      flavor = { ...flavor, [last]: { ...flavor[last], onLatest: value === "true" } };
    } else refuse2(cell2, findings);
  }
  return flavor;
}
var isLatest = (value) => /^(?:auto|true|false)$/.test(value);
function refuse2(cell2, { problems }) {
  problems.push({
    input: "flavor",
    cause: `\`flavor\` has \`${cell2.trim()}\`, which is not understood.`,
    remedy: "Its lines are `latest=auto`, `latest=true` or `latest=false`, `prefix=…` and `suffix=…`, the last two with or without `,onlatest=true`."
  });
}

// src/image/git.ts
async function gitCommitDate(context2, sha, run2) {
  const shown2 = await ask(git(context2, "show", "-s", "--format=%cI", sha), run2);
  return shown2 === void 0 ? void 0 : validDate(shown2);
}
async function gitContext(context2, run2, findings) {
  const [sha, branch, names3] = await Promise.all([
    ask(git(context2, "rev-parse", "HEAD"), run2),
    ask(git(context2, "symbolic-ref", "-q", "HEAD"), run2),
    ask(git(context2, "show", "-s", "--format=%D", "HEAD"), run2)
  ]);
  const ref = branch ?? detachedRef(names3 ?? "");
  if (sha !== void 0 && ref !== void 0) return { ...context2, sha, ref };
  findings.problems.push({
    input: "metadata-context",
    cause: "`metadata-context` is `git`, and git does not say which branch or tag is checked out.",
    remedy: "Check the repository out before this step (actions/checkout), or leave `metadata-context` off."
  });
  return context2;
}
var git = ({ workspace }, ...args) => ({
  file: "git",
  // A workspace that another user owns is what a job in a container has.
  args: ["-c", "safe.directory=*", "-C", workspace, ...args]
});
async function ask(command, run2) {
  const outcome = await run2(command).catch(() => void 0);
  const said = outcome?.code === 0 ? outcome.stdout.trim() : "";
  return said === "" ? void 0 : said;
}
function detachedRef(decoration) {
  const names3 = decoration.split(", ").filter((name2) => !["", "grafted", "HEAD"].includes(name2));
  const [first] = names3;
  if (first === void 0) return void 0;
  if (first.startsWith("tag: ")) return `refs/tags/${first.slice("tag: ".length)}`;
  if (/^pull\/\d+\/(?:head|merge)$/.test(first)) return `refs/${first}`;
  const local = names3.find((name2) => !name2.includes("/")) ?? first.replace(/^[^/]+\//, "");
  return `refs/heads/${local}`;
}

// src/image/meta.ts
function substituteMeta(text5, { version, tags: tags2 }) {
  return text5.replace(/\{\{\s*meta\.version\s*\}\}/g, () => version).replace(/\{\{\s*meta\.tags\s*\}\}/g, () => tags2.join(","));
}
function annotationLines({ plain: plain3, levelled: levelled2, levels }, exportsIndex3) {
  const usual = exportsIndex3 ? ["manifest", "index"] : ["manifest"];
  const lines2 = (levels.length > 0 ? levels : usual).flatMap((level2) => plain3.map((line) => `${level2}:${line}`));
  return [...lines2, ...levelled2];
}
function metadataOutputs(plan, exportsIndex3) {
  const annotations = annotationLines(plan.annotations, exportsIndex3);
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
function splitLabel(label2) {
  const equals = label2.indexOf("=");
  return [label2.slice(0, equals), label2.slice(equals + 1)];
}

// src/image/labels.ts
var level = "(?:manifest|index|manifest-descriptor|index-descriptor)(?:\\[[^\\]]*\\])?";
var levelled = new RegExp(`^${level}(?:,${level})*:`);
function describe(inputs2, context2, trigger, planned, env2, findings) {
  const automatic = openContainerLabels(context2, trigger, planned.version, env2);
  const given2 = (input) => {
    const fill = filler(input, findings);
    const expressions = globalExpressions(trigger);
    return list(inputs2[input], input, findings, { comments: true, wholeLines: true }).map((line) => fill(substituteMeta(line, planned), expressions)).filter((line) => line !== "");
  };
  const annotations = given2("annotations");
  return {
    labels: merge([...automatic, ...given2("labels")]),
    annotations: {
      plain: merge([...automatic, ...annotations.filter((line) => !levelled.test(line))]),
      levelled: annotations.filter((line) => levelled.test(line)),
      levels: (env2["DOCKER_METADATA_ANNOTATIONS_LEVELS"] ?? "").split(",").map((name2) => name2.trim()).filter(Boolean)
    }
  };
}
function openContainerLabels(context2, trigger, version, env2) {
  const repository = at(context2.payload, "repository");
  const said = (fallback, ...path4) => {
    const value = at(repository, ...path4);
    return typeof value === "string" ? value : fallback;
  };
  const page = said(`${context2.serverUrl}/${context2.repository}`, "html_url");
  const unknown2 = repository === void 0 ? void 0 : "";
  return Object.entries({
    title: said(context2.repository.split("/")[1], "name"),
    description: said(unknown2, "description"),
    url: page,
    source: page,
    version,
    created: created(trigger, env2).toISOString(),
    revision: trigger.sha,
    licenses: said(unknown2, "license", "spdx_id")
  }).flatMap(([name2, value]) => value === void 0 ? [] : [`org.opencontainers.image.${name2}=${value}`]);
}
function created({ commitDate, now }, env2) {
  const epoch = env2["SOURCE_DATE_EPOCH"] ?? "";
  const fixed = /^[0-9]+$/.test(epoch) ? validDate(Number(epoch) * 1e3) : void 0;
  return fixed ?? commitDate ?? now;
}
function merge(lines2) {
  const values = new Map(
    lines2.map((line) => {
      const [key = "", ...value] = line.split("=");
      return [key.trim(), value.join("=")];
    })
  );
  return [...values].sort(([one2], [other]) => one2 < other ? -1 : 1).map(([key, value]) => `${key}=${value}`);
}

// src/image/default-image.ts
function defaultImage(registry, context2) {
  const host2 = registry === "" ? serverRegistry(context2) : registryHost(registry);
  return `${host2}/${context2.repository.toLowerCase()}`;
}
function registryHost(registry) {
  const host2 = registry.replace(/^https?:\/\//i, "").replace(/\/.*$/, "");
  return ["index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"].includes(host2) ? "docker.io" : host2;
}
function serverRegistry({ serverUrl, apiUrl }) {
  const host2 = URL.canParse(serverUrl) ? new URL(serverUrl).host : "github.com";
  if (host2 === "github.com") return "ghcr.io";
  return /\/api\/v1\/?$/.test(apiUrl) ? host2 : `containers.${host2}`;
}

// src/image/names.ts
function parseImages(inputs2, context2, findings) {
  const input = chosen(inputs2, findings);
  const given2 = records(inputs2[input], input, findings, { comments: true });
  if (given2.length === 0) return repositorysOwn(inputs2.registry, context2, findings);
  return given2.flatMap((cells2) => readLine2(cells2, input, context2, findings));
}
function repositorysOwn(registry, context2, findings) {
  if (context2.repository !== "") return named(defaultImage(registry, context2), "image", context2, findings);
  findings.problems.push({
    input: "image",
    cause: "`image` is not given, and this run is of no repository to name it after.",
    remedy: "Give it: `image: ghcr.io/owner/name`."
  });
  return [];
}
function chosen({ image, images }, { problems }) {
  if (image !== "" && images !== "") {
    problems.push({
      input: "images",
      cause: "`image` and `images` are both given, and mean the same.",
      remedy: "Give one of them."
    });
  }
  return image === "" && images !== "" ? "images" : "image";
}
function readLine2(cells2, input, context2, findings) {
  const names3 = [];
  let enabled2 = true;
  for (const cell2 of cells2.map((text5) => text5.trim()).filter((text5) => text5 !== "")) {
    const [, key, value = ""] = /^([^=]*)=(.*)$/.exec(cell2)?.map((part) => part.trim()) ?? [];
    if (key === void 0) names3.push(cell2);
    else if (key.toLowerCase() === "name") names3.push(value);
    else if (key.toLowerCase() === "enable" && /^(?:true|false)$/.test(value)) enabled2 = value === "true";
    else refuseCell(cell2, input, findings);
  }
  if (names3.length === 0 || names3.includes("")) refuseCell(cells2.join(","), input, findings);
  return enabled2 ? names3.flatMap((name2) => named(name2, input, context2, findings)) : [];
}
function refuseCell(cell2, input, { problems }) {
  problems.push({
    input,
    cause: `\`${input}\` has \`${cell2}\`, which is not understood.`,
    remedy: "A line is a name (`ghcr.io/owner/name`), or `name=…,enable=true`."
  });
}
function named(text5, input, context2, findings) {
  const read2 = readName(text5, input, context2, findings);
  if (read2 === void 0) return [];
  if (!read2.reference.repository.endsWith("/binfmt") || /\/binfmt$/i.test(context2.repository)) return [read2];
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${text5}\`, which holds emulators.`,
    remedy: "Name it as `qemu-image`: `image` is what is built here."
  });
  return [];
}
function readName(text5, input, context2, findings) {
  const [, given2 = text5, ends3 = ""] = /^([^@]*?)((?::[^/:@]*)?(?:@.*)?)$/s.exec(text5) ?? [];
  const name2 = given2.toLowerCase();
  const reference = parseReference(name2 + ends3);
  if ("reason" in reference) {
    const { reason, remedy } = reference;
    findings.problems.push({ input, cause: `\`${input}\` has \`${text5}\`: ${reason}.`, remedy });
    return void 0;
  }
  const warning2 = `\`${input}\`: \`${given2}\` is taken as \`${name2}\`: the names of images are lower case.`;
  if (isRespelt(given2, context2) && !findings.warnings.includes(warning2)) findings.warnings.push(warning2);
  return { name: name2, reference };
}
function isRespelt(given2, { repository }) {
  const theirs = repository.split("/");
  return given2.split("/").some((part) => /[A-Z]/.test(part) && !theirs.includes(part));
}

// src/image/planned-tags.ts
function fullReferences(texts, context2, findings) {
  return texts.flatMap((text5) => {
    const read2 = readName(text5, "tags", context2, findings);
    if (read2?.reference.digest !== void 0) {
      findings.problems.push({
        input: "tags",
        cause: `\`tags\` has \`${text5}\`, which names a digest.`,
        remedy: "A digest is what comes of a build: leave it off."
      });
      return [];
    }
    return read2 === void 0 ? [] : [{ ...read2, reference: { ...read2.reference, tag: read2.reference.tag ?? "latest" } }];
  });
}
function ownVersion(images, inputs2, findings) {
  for (const { name: name2, reference } of images) {
    if (reference.digest !== void 0 && !/^false$/i.test(inputs2.build)) refuseDigest(name2, findings);
    if (reference.tag !== void 0 && inputs2.tags !== "") refuseBoth(name2, reference.tag, findings);
  }
  if (images.length === 0 || !images.every(isFixed)) return void 0;
  const tagNames = [...new Set(images.flatMap(({ reference: { tag } }) => tag ?? []))];
  return { main: tagNames[0] ?? "", tagNames };
}
function planTags(images, { main: main2, tagNames }, full, findings) {
  const made = images.flatMap(
    (image) => isFixed(image) ? tagged(image) : tagNames.map((tag) => `${image.name}:${tag}`)
  );
  const tags2 = [.../* @__PURE__ */ new Set([...made, ...full.flatMap(tagged)])];
  const own = full.map(({ reference: { tag = "latest" } }) => tag);
  if (tags2.length === 0 && !images.some(({ reference: { digest } }) => digest)) {
    findings.warnings.push(noTag(images, tagNames));
  }
  return {
    images: [...images, ...full].reduce(addRepository, []),
    tags: tags2,
    tagNames: tagNames.length > 0 ? tagNames : [...new Set(own)],
    version: main2 === "" ? own[0] ?? "" : main2
  };
}
var isFixed = ({ reference: { tag, digest } }) => tag !== void 0 || digest !== void 0;
var tagged = ({ name: name2, reference: { tag } }) => tag === void 0 ? [] : [`${name2}:${tag}`];
var addRepository = (found, image) => found.some(({ reference }) => sameRepository(reference, image.reference)) ? found : [...found, image];
function noTag(images, tagNames) {
  if (tagNames.length > 0 && images.length === 0) return "`image`: none is enabled, so nothing is tagged.";
  return "`tags`: no rule made a tag for this run.";
}
function refuseDigest(name2, { problems }) {
  problems.push({
    input: "image",
    cause: `\`image\` names a digest of \`${name2}\`.`,
    remedy: "A digest is what comes of a build: leave it off, or set `build: false` to deploy what is there."
  });
}
function refuseBoth(name2, tag, { problems }) {
  problems.push({
    input: "image",
    cause: `\`image\` is \`${name2}\` with the tag \`${tag}\`, and \`tags\` is given too.`,
    remedy: `Name it \`${name2}\`, and move \`${tag}\` to \`tags\`, as a line.`
  });
}

// src/image/rule.ts
var priorities = {
  schedule: 1e3,
  semver: 900,
  pep440: 900,
  match: 800,
  edge: 700,
  ref: 600,
  raw: 200,
  sha: 100
};
var common = ["type", "enable", "priority", "prefix", "suffix"];
var attributeNames = {
  schedule: [...common, "pattern"],
  semver: [...common, "pattern", "value", "match"],
  pep440: [...common, "pattern", "value", "match"],
  match: [...common, "pattern", "group", "value"],
  edge: [...common, "branch"],
  ref: [...common, "event"],
  raw: [...common, "value"],
  sha: [...common, "format"]
};
var rawRule = (value, line = value) => ({
  type: "raw",
  value,
  line,
  enable: "true",
  priority: priorities.raw,
  prefix: void 0,
  suffix: void 0
});

// src/migration.ts
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
  script: "pulling, starting and checking the service is done by the deploy itself; name it by `service`",
  script_path: "pulling, starting and checking the service is done by the deploy itself; name it by `service`",
  script_stop: "the deploy stops at the first failure, and puts back what ran before",
  command_timeout: "it is `wait-timeout`",
  timeout: "for the deploy it is `wait-timeout`; connecting has a time limit of its own",
  envs: "a build takes `build-args`; what runs on the server has its environment from the compose file",
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
  const close2 = nearest(name2, known);
  return close2 === void 0 ? `There is no input \`${name2}\`.` : `There is no input \`${name2}\`: is \`${close2}\` meant?`;
}
function nearest(name2, names3) {
  const spelt = plain(name2);
  const limit = Math.max(1, Math.floor(spelt.length / 3));
  const [best] = names3.map((candidate) => ({ candidate, distance: editDistance(spelt, plain(candidate)) })).filter(({ distance }) => distance <= limit).sort((one2, other) => one2.distance - other.distance);
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

// src/image/attributes.ts
var readAttributes = (cells2) => new Map(
  cells2.map((cell2) => {
    if (!outside(cell2).includes("=")) return ["value", cell2];
    const equals = cell2.indexOf("=");
    return [cell2.slice(0, equals).trim().toLowerCase(), cell2.slice(equals + 1).trim()];
  })
);
function required(name2, attributes2, refuse4) {
  const value = attributes2.get(name2);
  if (value === void 0) refuse4(`has no \`${name2}\``, `Add \`,${name2}=…\`.`);
  return value ?? "";
}
function oneOf(attribute, names3, fallback, attributes2, refuse4) {
  const given2 = attributes2.get(attribute);
  const found = names3.find((name2) => name2 === (given2 ?? fallback));
  if (found === void 0) {
    const what = given2 === void 0 ? `has no \`${attribute}\`` : `has the ${attribute} \`${given2}\`, which there is not`;
    refuse4(what, `Write one of ${quoted(names3.map((name2) => `${attribute}=${name2}`))}.`);
  }
  return found ?? names3[0];
}
function groupOf(attributes2, refuse4) {
  const group = Number(attributes2.get("group") ?? 0);
  if (!Number.isInteger(group))
    refuse4("has a `group` that is no number", "Count the groups from 1; 0 is all of it.");
  return group;
}
function matchOf(attributes2, refuse4) {
  const match = attributes2.get("match") ?? "";
  return match === "" ? void 0 : new RegExp(expression(match, refuse4, false));
}
function expression(text5, refuse4, slashes = true) {
  const [, inner, flags] = (slashes ? /^\/(.+)\/(.*)$/.exec(text5) : null) ?? [];
  try {
    return new RegExp(inner ?? text5, flags ?? "");
  } catch (error2) {
    const reason = error2 instanceof Error ? error2.message : String(error2);
    refuse4(
      `has an expression that cannot be read (${reason})`,
      "Write it as JavaScript has it; quote a cell with a comma."
    );
    return /(?!)/;
  }
}
var quoted = (names3) => names3.map((name2) => `\`${name2}\``).join(", ");

// src/image/rules.ts
function parseRule(cells2, findings) {
  const line = cells2.join(",");
  let refused2 = false;
  const refuse4 = (reason, remedy) => {
    refused2 = true;
    findings.problems.push({ input: "tags", cause: `\`tags\`: the rule \`${line}\` ${reason}.`, remedy });
  };
  const attributes2 = readAttributes(cells2);
  const type = typeOf(attributes2, refuse4);
  if (type === void 0) return [];
  warnUnknown2(type, attributes2, line, findings);
  const rule = { ...commonOf(type, attributes2, line, refuse4), ...kindOf(type, attributes2, refuse4) };
  return refused2 ? [] : [rule];
}
function typeOf(attributes2, refuse4) {
  const given2 = attributes2.get("type") ?? "raw";
  if (Object.hasOwn(priorities, given2)) return given2;
  const types = Object.keys(priorities);
  return refuse4(`has the type \`${given2}\`, which there is not`, meant(given2, types));
}
function commonOf(type, attributes2, line, refuse4) {
  const priority = Number(attributes2.get("priority") ?? priorities[type]);
  if (Number.isNaN(priority)) refuse4("has a `priority` that is no number", `Its own is ${priorities[type]}.`);
  const prefix = attributes2.get("prefix");
  return {
    line,
    enable: attributes2.get("enable") ?? "true",
    priority,
    prefix: prefix ?? (attributes2.get("event") === "pr" && type === "ref" ? "pr-" : type === "sha" ? "sha-" : prefix),
    suffix: attributes2.get("suffix")
  };
}
function kindOf(type, attributes2, refuse4) {
  const value = attributes2.get("value") ?? "";
  switch (type) {
    case "schedule":
      return { type, pattern: attributes2.get("pattern") ?? "nightly" };
    case "semver":
    case "pep440":
      return {
        type,
        pattern: required("pattern", attributes2, refuse4),
        value,
        match: matchOf(attributes2, refuse4)
      };
    case "match":
      return {
        type,
        pattern: expression(required("pattern", attributes2, refuse4), refuse4),
        group: groupOf(attributes2, refuse4),
        value
      };
    case "edge":
      return { type, branch: attributes2.get("branch") ?? "" };
    case "ref":
      return { type, event: oneOf("event", ["branch", "tag", "pr"], void 0, attributes2, refuse4) };
    case "raw":
      return { type, value: required("value", attributes2, refuse4) };
    case "sha":
      return { type, format: oneOf("format", ["short", "long"], "short", attributes2, refuse4) };
  }
}
function warnUnknown2(type, attributes2, line, { warnings }) {
  for (const name2 of attributes2.keys()) {
    if (attributeNames[type].includes(name2)) continue;
    const hint = meant(name2, attributeNames[type]);
    warnings.push(`\`tags\`: \`${name2}\` has no effect in the rule \`${line}\`. ${hint}`);
  }
}
function meant(given2, names3) {
  const close2 = nearest(given2, names3);
  return close2 === void 0 ? `There are ${quoted(names3)}.` : `Is \`${close2}\` meant?`;
}

// src/image/tag-lines.ts
function parseTagLines(text5, ref, findings) {
  const isReference = (cell2) => isFullReference(cell2, ref);
  const lines2 = records(text5, "tags", findings, { comments: true }).map((cells2) => unwrap(cells2, findings));
  const rules2 = lines2.flatMap(
    (cells2) => isRule(cells2) ? parseRule(cells2, findings) : cells2.filter((cell2) => !isReference(cell2)).map((cell2) => rawRule(cell2))
  );
  const references = lines2.filter((cells2) => !isRule(cells2)).flatMap((cells2) => cells2.filter(isReference));
  return { rules: byPriority(rules2), references };
}
var byPriority = (rules2) => rules2.toSorted((one2, other) => other.priority - one2.priority);
function unwrap(cells2, findings) {
  const [only = ""] = cells2;
  const again = cells2.length === 1 && only.includes(",") ? records(only, "tags", findings)[0] : void 0;
  return (again ?? cells2).map((cell2) => cell2.trim()).filter((cell2) => cell2 !== "");
}
var isRule = (cells2) => cells2.some((cell2) => outside(cell2).includes("="));
function isFullReference(cell2, ref) {
  const name2 = ref.replace(/^refs\/(?:heads|tags|pull)\//, "");
  const rest = outside(cell2);
  return /[/:]/.test(name2 === "" ? rest : rest.replace(name2, ""));
}

// src/image/versions.ts
function versionText({ value, match, line }, { trigger, fillGlobal, findings }) {
  const text5 = value === "" ? tagOf(trigger.ref) : fillGlobal(value);
  if (text5 === void 0 || text5 === "") return void 0;
  if (match === void 0) return text5.replaceAll("/", "-");
  const found = match.exec(text5);
  if (found === null) {
    findings.warnings.push(`\`tags\`: \`${text5}\` is not what the rule \`${line}\` matches.`);
    return text5.replaceAll("/", "-");
  }
  return (found[1] ?? found[0]).replaceAll("/", "-");
}
async function proposeSemver(rule, view) {
  const text5 = versionText(rule, view);
  if (text5 === void 0) return void 0;
  const { default: parse4 } = await Promise.resolve().then(() => __toESM(require("./vendor/semver-functions-parse.js.cjs"), 1));
  const version = parse4(text5);
  if (version === null) return invalid(text5, "semantic version (https://semver.org)", rule, view);
  const released = version.prerelease.length === 0;
  const pattern = released || isOnly("raw", rule.pattern) ? rule.pattern : "{{version}}";
  const said = view.fill(pattern, {
    raw: () => version.raw,
    version: () => version.version,
    major: () => String(version.major),
    minor: () => String(version.minor),
    patch: () => String(version.patch),
    prerelease: () => version.prerelease.join(","),
    build: () => version.build.join(",")
  });
  return { text: said, latest: released };
}
async function proposePep440(rule, view) {
  const text5 = versionText(rule, view);
  if (text5 === void 0) return void 0;
  const { clean: clean2, explain: explain2, major, minor, patch } = await Promise.resolve().then(() => __toESM(require("./vendor/renovatebot-pep440.cjs"), 1));
  const found = explain2(text5);
  if (found === null)
    return invalid(text5, "version by PEP 440 (https://peps.python.org/pep-0440)", rule, view);
  const version = clean2(text5) ?? text5;
  if (found.is_prerelease || found.is_postrelease || found.is_devrelease) {
    return { text: isOnly("raw", rule.pattern) ? text5 : version, latest: false };
  }
  const said = view.fill(rule.pattern, {
    raw: () => text5,
    version: () => version,
    major: () => String(major(text5)),
    minor: () => String(minor(text5)),
    patch: () => String(patch(text5))
  });
  return { text: said, latest: true };
}
function invalid(text5, scheme, { line }, { findings }) {
  findings.warnings.push(`\`tags\`: \`${text5}\` is no ${scheme}, so the rule \`${line}\` makes no tag.`);
}

// src/image/proposals.ts
async function propose(rule, view) {
  const { trigger, fill, fillGlobal } = view;
  switch (rule.type) {
    case "schedule":
      return trigger.eventName.includes("schedule") ? plain2(fill(rule.pattern, dateExpressions(trigger))) : void 0;
    case "semver":
      return await proposeSemver(rule, view);
    case "pep440":
      return await proposePep440(rule, view);
    case "match":
      return proposeMatch(rule, view);
    case "edge":
      return proposeEdge(rule.branch, view);
    case "ref":
      return proposeRef(rule.event, trigger);
    case "raw":
      return plain2(fillGlobal(rule.value));
    case "sha":
      return trigger.sha === "" ? void 0 : plain2(rule.format === "long" ? trigger.sha : trigger.shortSha);
  }
}
var plain2 = (text5) => ({ text: text5, latest: false });
function proposeMatch(rule, { trigger, fillGlobal, findings }) {
  const text5 = rule.value === "" ? tagOf(trigger.ref) : fillGlobal(rule.value);
  if (text5 === void 0 || text5 === "") return void 0;
  const found = text5.match(rule.pattern);
  const group = found?.[rule.group];
  if (group !== void 0) return { text: group, latest: true };
  const what = found === null ? "does not match" : `has no group ${rule.group} in`;
  findings.warnings.push(`\`tags\`: \`${text5}\` ${what} the rule \`${rule.line}\`, which makes no tag.`);
  return void 0;
}
function proposeEdge(given2, { trigger, findings }) {
  const branch = branchOf(trigger.ref);
  if (branch === void 0) return void 0;
  const wanted = given2 === "" ? trigger.defaultBranch : given2;
  if (wanted === void 0) {
    findings.warnings.push(
      "`tags`: the event does not name the default branch, so `type=edge` makes no tag. Give it as `branch=…`."
    );
  }
  return branch === wanted ? plain2("edge") : void 0;
}
function proposeRef(event, { ref }) {
  const found = { branch: branchOf, tag: tagOf, pr: pullRequestOf }[event](ref);
  return found === void 0 ? void 0 : { text: found, latest: event === "tag" };
}

// src/image/version.ts
async function nameVersion(rules2, flavor, trigger, findings) {
  const view = viewOf(trigger, findings);
  const tagNames = [];
  let latest;
  for (const rule of rules2) {
    const proposal = enabled(rule, view) ? await propose(rule, view) : void 0;
    const name2 = proposal === void 0 ? "" : sanitize(affixed(proposal.text, rule, flavor, view));
    if (proposal === void 0 || name2 === "") continue;
    if (!isTag(name2)) refuseTag(name2, rule, trigger, findings);
    tagNames.push(name2);
    latest ??= flavor.latest === "auto" ? proposal.latest : flavor.latest === "true";
  }
  if (latest === true) tagNames.push(sanitize(latestName(flavor, view)));
  return { main: tagNames[0] ?? "", tagNames: [...new Set(tagNames)] };
}
function viewOf(trigger, findings) {
  const fill = filler("tags", findings);
  const expressions = globalExpressions(trigger);
  return { trigger, findings, fill, fillGlobal: (template) => fill(template, expressions) };
}
function enabled({ enable, line }, { fillGlobal, findings }) {
  const answer = fillGlobal(enable);
  if (answer !== "true" && answer !== "false") {
    refuse(findings, {
      input: "tags",
      cause: `\`tags\`: the rule \`${line}\` has \`enable=${answer}\`, which is neither true nor false.`,
      remedy: "An expression that can be empty is written as `${{ … == true }}`."
    });
  }
  return answer === "true";
}
function affixed(text5, rule, flavor, { fillGlobal }) {
  return fillGlobal(rule.prefix ?? flavor.prefix.text) + text5 + fillGlobal(rule.suffix ?? flavor.suffix.text);
}
function latestName({ prefix, suffix }, { fillGlobal }) {
  const before = fillGlobal(prefix.onLatest ? prefix.text : "");
  return `${before}latest${fillGlobal(suffix.onLatest ? suffix.text : "")}`;
}
var sanitize = (text5) => text5.replace(/[^a-zA-Z0-9._-]+/g, "-");
function refuseTag(name2, { line }, { ref, eventName }, findings) {
  refuse(findings, {
    input: "tags",
    cause: `\`tags\`: the rule \`${line}\` makes \`${name2}\` of this ${eventName} (\`${ref}\`), which is no tag.`,
    remedy: `${tagRule} \`{{branch}}\` and \`{{tag}}\` are empty where the run is not for one.`
  });
}

// src/image/plan.ts
async function planImage(inputs2, context2, around, findings) {
  const seen = await contextOf(inputs2, context2, around, findings);
  const trigger = await triggerOf(seen, around, findings);
  const { rules: rules2, references, flavor } = rulesOf(inputs2, trigger, findings);
  const full = fullReferences(filled(references, trigger, findings), seen, findings);
  const onlyFull = full.length > 0 && rules2.length === 0 && inputs2.image === "" && inputs2.images === "";
  const images = onlyFull ? [] : parseImages(inputs2, seen, findings);
  const version = ownVersion(images, inputs2, findings) ?? await nameVersion(rules2, flavor, trigger, findings);
  const planned = planTags(images, version, full, findings);
  return { ...planned, ...describe(inputs2, seen, trigger, planned, around.env, findings) };
}
function filled(templates, trigger, findings) {
  const fill = filler("tags", findings);
  return templates.map((template) => fill(template, globalExpressions(trigger)));
}
async function contextOf(inputs2, context2, { env: env2, run: run2 }, findings) {
  const source = inputs2["metadata-context"] || "workflow";
  if (source === "git" && run2 !== void 0) return await gitContext(context2, run2, findings);
  if (source !== "workflow") {
    findings.problems.push({
      input: "metadata-context",
      cause: `\`metadata-context\` is \`${source}\`, which there is not.`,
      remedy: "Write `workflow` (the event) or `git` (what is checked out)."
    });
  }
  return workflowContext(context2, env2);
}
async function triggerOf(context2, { env: env2, now, run: run2 }, findings) {
  const trigger = readTrigger(context2, env2, now, findings);
  if (trigger.commitDate !== void 0 || run2 === void 0) return trigger;
  return { ...trigger, commitDate: await gitCommitDate(context2, trigger.sha, run2) };
}
function rulesOf(inputs2, trigger, findings) {
  const flavor = parseFlavor(inputs2.flavor, findings);
  const given2 = parseTagLines(inputs2.tags, trigger.ref, findings);
  const none2 = inputs2.tags.split("\n").every((line) => /^\s*(?:#|$)/.test(line));
  if (!none2) return { ...given2, flavor };
  return {
    ...parseTagLines(defaultRules(trigger), trigger.ref, findings),
    flavor: defaultFlavor(flavor, trigger)
  };
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
function registryHost2(text5) {
  const host2 = text5.trim().replace(/^https?:\/\//i, "").replace(/\/.*$/, "").toLowerCase();
  return hubNames.includes(host2) ? dockerHub : host2;
}
var configKey = (registry) => registry === dockerHub ? "https://index.docker.io/v1/" : registry;
function isOwnRegistry(registry, { serverUrl }) {
  const forge = URL.canParse(serverUrl) ? new URL(serverUrl).host : "";
  if (forge === "github.com") return registry === "ghcr.io";
  return forge !== "" && [forge, `containers.${forge}`].includes(registry);
}

// src/registry/authentications.ts
async function readAuthentications(text5, findings) {
  if (text5 === "") return [];
  const { load } = await Promise.resolve().then(() => __toESM(require("./vendor/js-yaml.cjs"), 1));
  let entries3;
  try {
    entries3 = load(text5);
  } catch {
  }
  if (Array.isArray(entries3)) return entries3.flatMap((entry, place2) => readLogin(entry, place2 + 1, findings));
  findings.problems.push({
    input: "registry-auth",
    cause: "`registry-auth` is no YAML list of logins.",
    remedy: "Begin each with `- registry: ghcr.io`, and give it a `username` and a `password`."
  });
  return [];
}
function readLogin(entry, place2, findings) {
  const text5 = (key) => String(at(entry, key) ?? "");
  const registry = registryHost2(text5("registry") || dockerHub);
  if (/^(?:true|yes)$/i.test(text5("ecr")) || /\.dkr\.ecr\.[^/]*amazonaws/.test(registry)) {
    if (text5("username") !== "AWS") return refuse3(ecr(place2), findings);
  }
  const missing4 = ["username", "password"].filter((key) => text5(key) === "");
  if (missing4.length > 0) return refuse3(incomplete(place2, registry, missing4), findings);
  return [{ registry, username: text5("username"), password: text5("password") }];
}
function refuse3(problem2, findings) {
  findings.problems.push({ input: "registry-auth", ...problem2 });
  return [];
}
var incomplete = (place2, registry, missing4) => ({
  cause: `Login ${place2} of \`registry-auth\`, for ${registry}, has no ${missing4.join(" and no ")}.`,
  remedy: "Is the secret set, and does this environment get it? Forks get none."
});
var ecr = (place2) => ({
  cause: `Login ${place2} of \`registry-auth\` is for Amazon ECR, whose password has to be fetched first.`,
  remedy: "Run aws-actions/amazon-ecr-login before this step and leave the login out here: what it logs in to is used."
});

// src/registry/plan.ts
async function planRegistry(inputs2, context2, { images }, findings) {
  const hosts = [...new Set(images.map(({ reference }) => registryHost2(reference.registry)))];
  const given2 = [
    ...planCredentials(inputs2, context2, hosts, findings),
    ...await readAuthentications(inputs2["registry-auth"], findings)
  ];
  const own = hosts.filter((host2) => isOwnRegistry(host2, context2) && !given2.some((login2) => login2.registry === host2)).filter(() => inputs2["github-token"] !== "").map((registry) => ({ registry, username: context2.actor, password: inputs2["github-token"] }));
  return { logins: distinct2([...given2, ...own], findings), lasts: planLasts(inputs2, findings) };
}
function planLasts(inputs2, findings) {
  if (inputs2.login === "job" || inputs2.login === "step" || inputs2.login === "") return inputs2.login || "step";
  findings.problems.push({
    input: "login",
    cause: `\`login\` is \`${inputs2.login}\`, which is neither \`step\` nor \`job\`.`,
    remedy: "Write `job` to keep the logins for later steps, else leave it out."
  });
  return "step";
}
function planCredentials(inputs2, context2, hosts, findings) {
  const username = inputs2["registry-username"];
  const password = inputs2["registry-password"];
  if (username === "" && password === "") return [];
  const registry = chooseRegistry(inputs2, hosts, findings);
  if (registry === void 0) return [];
  if (password === "") return missingPassword(context2, findings);
  const name2 = username || (isOwnRegistry(registry, context2) ? context2.actor : "");
  if (name2 === "") findings.problems.push(noUsername(registry));
  return [{ registry, username: name2, password }];
}
function chooseRegistry({ registry }, hosts, findings) {
  if (registry !== "") return registryHost2(registry);
  if (hosts.length <= 1) return hosts[0];
  findings.problems.push({
    input: "registry-password",
    cause: `\`registry-password\` is given without \`registry\`, and the images are in ${hosts.join(" and ")}.`,
    remedy: "Name the registry that it is for by `registry`, or give a login for each by `registry-auth`."
  });
  return void 0;
}
function missingPassword(context2, findings) {
  const cause = "`registry-password` is empty: is the secret set, and does this environment get it?";
  if (trustOf(context2) === "own") {
    findings.problems.push({
      input: "registry-password",
      cause,
      remedy: "Set the secret, or leave out `registry-username` where no login is needed."
    });
  } else findings.warnings.push(`${cause} There is no login; forks and Dependabot get no secrets.`);
  return [];
}
var noUsername = (registry) => ({
  input: "registry-username",
  cause: `\`registry-username\` is empty, and ${registry} needs one.`,
  remedy: "Give the name of the user or of the access token."
});
function distinct2(logins, findings) {
  const first = new Map(logins.toReversed().map((login2) => [login2.registry, login2]));
  for (const login2 of logins.filter((each2) => first.get(each2.registry) !== each2)) {
    findings.problems.push({
      input: "registry-auth",
      cause: `There are two logins for ${login2.registry}.`,
      remedy: "Keep one of them."
    });
  }
  return logins.filter((each2) => first.get(each2.registry) === each2);
}

// src/ssh/address.ts
var import_node_net = require("node:net");
var import_node_url = require("node:url");
var isBadAddress = (address) => "reason" in address;
function parseAddress(text5) {
  const bare = text5.replace(/^ssh:\/\//i, "").replace(/\/$/, "");
  const at2 = bare.lastIndexOf("@");
  const user = at2 < 0 ? void 0 : bare.slice(0, at2);
  const reason = reasonAgainst(bare, user);
  if (reason !== void 0) return { reason, shown: withoutPassword(text5) };
  const location = parseLocation(bare.slice(at2 + 1));
  if (typeof location === "string") return { reason: location, shown: text5 };
  return { ...location, ...user === void 0 ? {} : { user } };
}
var withoutPassword = (text5) => text5.replace(/^((?:ssh:\/\/)?[^:]*):.*@/is, "$1:…@");
var formatLocation = ({ host: host2, port }) => `${host2.includes(":") ? `[${host2}]` : host2}:${port}`;
function reasonAgainst(text5, user) {
  if (/[\s,]/.test(text5)) return "names more than one host, or has a blank in it";
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text5)) return "is a URL";
  if (user?.includes(":")) return "holds a password";
  if (user === "") return "has no user in front of its `@`";
  return void 0;
}
function parseLocation(text5) {
  if ((0, import_node_net.isIPv6)(text5)) return { host: text5.toLowerCase() };
  const parts = /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^:[\]]*))(?::(?<port>.*))?$/.exec(text5)?.groups;
  if (parts === void 0) return "is neither `host`, `user@host:port` nor `[v6]:port`";
  const host2 = parts["v6"] === void 0 ? hostName(parts["name"] ?? "") : address6(parts["v6"]);
  if (host2 === void 0) return "has no valid host name or address in it";
  if (parts["port"] === void 0) return { host: host2 };
  const port = parsePort(parts["port"]);
  return port === void 0 ? "has a port that is no number from 1 to 65535" : { host: host2, port };
}
var address6 = (text5) => (0, import_node_net.isIPv6)(text5) ? text5.toLowerCase() : void 0;
function hostName(text5) {
  const name2 = /^[\x21-\x7e]*$/.test(text5) ? text5.toLowerCase() : (0, import_node_url.domainToASCII)(text5);
  return /^[a-z0-9_][a-z0-9_.-]*$/.test(name2) ? name2 : void 0;
}
function parsePort(text5) {
  const port = /^\d{1,5}$/.test(text5) ? Number(text5) : 0;
  return port >= 1 && port <= 65535 ? port : void 0;
}

// src/ssh/openssh-key.ts
var import_node_crypto2 = require("node:crypto");

// src/ssh/wire.ts
var import_node_crypto = require("node:crypto");
function wireString(value) {
  const bytes2 = Buffer.from(value);
  return Buffer.concat([uint32(bytes2.length), bytes2]);
}
function uint32(value) {
  const bytes2 = Buffer.alloc(4);
  bytes2.writeUInt32BE(value);
  return bytes2;
}
function readWireStrings(bytes2, count, offset2 = 0) {
  const values = [];
  let end = offset2;
  while (values.length < count) {
    if (end + 4 > bytes2.length) return void 0;
    const start = end + 4;
    end = start + bytes2.readUInt32BE(end);
    if (end > bytes2.length) return void 0;
    values.push(bytes2.subarray(start, end));
  }
  return { values, end };
}
var publicKeyType = (key) => readWireStrings(key, 1)?.values[0]?.toString() ?? "";
var fingerprint = (key) => `SHA256:${(0, import_node_crypto.createHash)("sha256").update(key).digest("base64").replace(/=+$/, "")}`;

// src/ssh/openssh-key.ts
var magic = Buffer.from("openssh-key-v1\0");
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
function armour(label2, base64, headers = "") {
  const lines2 = base64.replace(label2 === "OPENSSH PRIVATE KEY" ? /.{1,70}/g : /.{1,64}/g, "$&\n");
  return `-----BEGIN ${label2}-----
${headers}${lines2}-----END ${label2}-----
`;
}
function privatePartOf(...fields2) {
  const content = Buffer.concat([Buffer.alloc(8), ...fields2]);
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

// src/ssh/key-text.ts
var isProblem = (value) => "cause" in value;
function repairKey(given2) {
  const text5 = unwrap2(given2);
  const block2 = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----([\s\S]*?)(?:-----END \1-----|$)/.exec(text5);
  const [whole, label2 = "", content = ""] = block2 ?? [];
  if (whole === void 0) return notPrivate(text5);
  if (!whole.includes("-----END ")) return problem("ends before its `-----END` line", "Copy the whole file.");
  const { headers, base64 } = dissect(content);
  if (!/^[A-Za-z0-9+/]+=*$/.test(base64)) {
    return problem(
      "holds characters that no key has",
      "Copy the file itself, not what a program shows of it."
    );
  }
  const keyText = { text: armour(label2, base64, headers), encrypted: false };
  if (label2 === "OPENSSH PRIVATE KEY") return checkOpenSsh(keyText, base64);
  if (label2 === "DSA PRIVATE KEY") return dsa;
  if (label2.startsWith("SSH2 ")) return foreign("an ssh.com private key", "ssh-keygen -i -f KEY > NEW");
  return { ...keyText, encrypted: label2 === "ENCRYPTED PRIVATE KEY" || headers !== "" };
}
function unwrap2(given2) {
  const text5 = given2.replace(/^\uFEFF/, "").replace(/(\\r)?\\n/g, "\n").replace(/\r\n?/g, "\n").trim().replace(/^(["'`]+)([\s\S]*?)\1$/, "$2").trim();
  const packed = text5.replace(/\s/g, "");
  if (!/^[A-Za-z0-9+/]{40,}=*$/.test(packed)) return text5;
  const bytes2 = Buffer.from(packed, "base64");
  if (readOpenSshKey(bytes2) !== void 0) return armour("OPENSSH PRIVATE KEY", packed);
  const inner = bytes2.toString();
  return inner.includes("-----BEGIN ") ? unwrap2(inner) : text5;
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
function notPrivate(text5) {
  if (/^PuTTY-User-Key-File-/.test(text5)) {
    return foreign("a PuTTY key", "puttygen KEY.ppk -O private-openssh -o NEW");
  }
  if (/^\S+-cert-v0\d@openssh\.com\s/.test(text5)) {
    return problem(
      "is a certificate, which cannot be used here",
      "Give the private key, without a certificate."
    );
  }
  if (/^(ssh-|ecdsa-|sk-)\S+ AAAA/.test(text5) || /^-+ ?BEGIN [A-Z0-9 ]*PUBLIC KEY/.test(text5)) {
    return problem("is a public key", "Give the private one: the file of the same name without `.pub`.");
  }
  if (/^[~./]\S*$/.test(text5)) return problem("is a path", "Give the text of the file itself, from a secret.");
  return problem("is no private key: it has no `-----BEGIN … PRIVATE KEY-----` line", generate);
}

// src/ssh/known-hosts.ts
var import_node_crypto3 = require("node:crypto");
function matchHostKey(lines2, host2, port, key) {
  const all = parseKnownHosts(lines2).hosts;
  const here = all.filter(({ hosts }) => namesOf(host2, port).some((name2) => matches(hosts, name2)));
  const elsewhere2 = all.filter(({ hosts }) => matches(hosts, host2.toLowerCase()));
  const authorities = here.filter(({ marker: marker2 }) => marker2 === "cert-authority").map(({ line }) => line);
  const plain3 = here.filter(({ marker: marker2 }) => marker2 === "none");
  const has = (list5) => list5.some((known) => known.key.equals(key));
  if (has([...here, ...elsewhere2].filter(({ marker: marker2 }) => marker2 === "revoked"))) {
    return { verdict: "revoked", known: [], authorities };
  }
  if (has(plain3)) return { verdict: "match", known: [], authorities };
  if (plain3.length > 0) return { verdict: "mismatch", known: plain3.map((known) => known.key), authorities };
  const portless = has(elsewhere2.filter(({ marker: marker2 }) => marker2 === "none"));
  return { verdict: portless ? "match" : "unknown", known: [], authorities };
}
function knownKeyTypes(lines2, host2, port) {
  const names3 = [...namesOf(host2, port), host2.toLowerCase()];
  const known = parseKnownHosts(lines2).hosts.filter(
    ({ hosts, marker: marker2 }) => marker2 === "none" && names3.some((name2) => matches(hosts, name2))
  );
  return [...new Set(known.map(({ key }) => publicKeyType(key)))];
}
var knownHostsLine = (host2, port, key) => `${port === 22 ? host2 : `[${host2}]:${port}`} ${publicKeyType(key)} ${key.toString("base64")}`;
function parseKnownHosts(text5) {
  const hosts = [];
  const unreadable = [];
  for (const [index, content] of text5.split(/\r\n|\n|\r/).entries()) {
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
function namesOf(host2, port) {
  const name2 = host2.toLowerCase();
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
  const text5 = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("?", ".").replace(/\*+/g, ".*");
  return new RegExp(`^${text5}$`);
}
function matchesHash(hosts, name2) {
  const [, version, salt = "", hash = ""] = hosts.split("|");
  const expected2 = Buffer.from(hash, "base64");
  const actual = (0, import_node_crypto3.createHmac)("sha1", Buffer.from(salt, "base64")).update(name2).digest();
  return version === "1" && expected2.length === actual.length && (0, import_node_crypto3.timingSafeEqual)(expected2, actual);
}

// src/ssh/trust.ts
var keyscan = ({ host: host2, port }) => `ssh-keyscan ${port === 22 ? "" : `-p ${port} `}${host2}`;
function planHostKey(inputs2, server, findings) {
  const { "ssh-known-hosts": lines2, "ssh-fingerprint": prints } = inputs2;
  const insecure = planOptOut(inputs2, findings);
  const given2 = [
    ...lines2 === "" ? [] : ["`ssh-known-hosts`"],
    ...prints === "" ? [] : ["`ssh-fingerprint`"],
    ...insecure ? ["`ssh-insecure-skip-host-key-check`"] : []
  ];
  if (given2.length !== 1) findings.problems.push(given2.length === 0 ? missing2(server) : tooMany(given2));
  if (lines2 !== "") return planKnownHosts(lines2, server, findings);
  if (prints !== "") return planFingerprints(prints, server, findings);
  return insecure ? { kind: "insecure" } : void 0;
}
var missing2 = (server) => ({
  input: "ssh-known-hosts",
  cause: `Nothing says which host key ${server.host} has: \`ssh-known-hosts\` and \`ssh-fingerprint\` are empty.`,
  remedy: `Give the output of \`${keyscan(server)}\` as \`ssh-known-hosts\` (a variable will do, it is no secret).`
});
var tooMany = (given2) => ({
  input: "ssh-known-hosts",
  cause: `${given2.join(" and ")} are given, and only one of them can decide about the host key.`,
  remedy: "Leave one."
});
function planOptOut(inputs2, findings) {
  const insecure = boolean(inputs2, "ssh-insecure-skip-host-key-check", findings, false);
  if (insecure) {
    findings.warnings.push(
      "`ssh-insecure-skip-host-key-check` is on: whoever answers in the place of the server gets all that is sent there."
    );
  }
  return insecure;
}
function planKnownHosts(lines2, server, findings) {
  const { hosts, unreadable } = parseKnownHosts(lines2);
  const numbers3 = unreadable.join(", ");
  if (hosts.length > 0) {
    if (numbers3 !== "") findings.warnings.push(`\`ssh-known-hosts\`: cannot read line ${numbers3}, left out.`);
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
function planFingerprints(text5, server, findings) {
  const fingerprints = [];
  for (const entry of text5.split(/[\n,]/).map((part) => part.trim())) {
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
function planSsh(inputs2, env2, findings) {
  if (inputs2["ssh-host"] === "") {
    const given2 = forServer.filter((name2) => inputs2[name2] !== "");
    if (given2.length > 0) findings.problems.push(noServer(given2));
    return void 0;
  }
  const target = planTarget(inputs2, findings);
  const jump = planJump(inputs2["ssh-jump"], target?.user, findings);
  const authentication = planAuthentication(inputs2, env2.SSH_AUTH_SOCK ?? "", findings);
  const hostKey = planHostKey(inputs2, target ?? { host: "HOST", port: 22 }, findings);
  if (target === void 0 || authentication === void 0 || hostKey === void 0) return void 0;
  return { ...target, authentication, hostKey, ...jump === void 0 ? {} : { jump } };
}
var noServer = (given2) => ({
  input: "ssh-host",
  cause: `\`ssh-host\` is empty, though ${given2.map((name2) => `\`${name2}\``).join(", ")} ${given2.length > 1 ? "are" : "is"} given.`,
  remedy: "Is the variable or secret set in this environment? To build and push without a deploy, leave the others out too."
});
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
var noUser = (host2) => ({
  input: "ssh-user",
  cause: `Nothing says as whom to log in on ${host2}.`,
  remedy: `Put the user in front (\`ssh-host: deploy@${host2}\`), or set \`ssh-user\`.`
});
var badPort = (port) => ({
  input: "ssh-port",
  cause: `\`ssh-port\` is \`${port}\`, which is no port.`,
  remedy: "Give a number from 1 to 65535, or leave it out for 22."
});
function readAddress(input, text5, findings) {
  const address = parseAddress(text5);
  if (!isBadAddress(address)) return address;
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${address.shown}\`, which ${address.reason}.`,
    remedy: address.reason.includes("password") ? "Give the password as `ssh-password`, from a secret; change it, for it may have been logged." : "Give one server: `host`, `user@host`, `user@host:port` or `[2001:db8::1]:port`."
  });
  return void 0;
}
function planJump(text5, user, findings) {
  const address = text5 === "" ? void 0 : readAddress("ssh-jump", text5, findings);
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
function planKey(given2, passphrase, password, findings) {
  const key = repairKey(given2);
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

// src/plan.ts
async function makePlan(inputs2, unknown2, world2) {
  const { context: context2, env: env2 } = world2;
  const findings = noFindings();
  findings.warnings.push(...unknown2.map((name2) => explainUnknown(name2, inputNames)));
  const image = await planImage(inputs2, context2, { env: env2, now: /* @__PURE__ */ new Date(), run: world2.run }, findings);
  const build2 = await planBuild(inputs2, context2, findings, { env: env2 });
  const registry = await planRegistry(inputs2, context2, image, findings);
  const plan = { image, build: build2, registry, ...planServer(inputs2, world2, findings) };
  if (findings.problems.length > 0) throw new Failure("plan", findings.problems);
  return { ...plan, warnings: findings.warnings };
}
function planServer(inputs2, { context: context2, env: env2 }, findings) {
  const trust = trustOf(context2);
  if (trust !== "own" && !(trust === "fork-with-secrets" && inputs2.push === "true")) {
    if (inputs2["ssh-host"] !== "") findings.warnings.push(`Nothing is deployed: ${reasons[trust]}.`);
    return { deploy: void 0, check: void 0 };
  }
  const ssh = planSsh(inputs2, env2, findings);
  const deploy2 = ssh && planDeploy(inputs2, ssh, findings);
  return { deploy: deploy2, check: planCheck(inputs2, findings) };
}
var reasons = {
  fork: "this pull request comes from a fork, which gets no secrets",
  dependabot: "this run was started by Dependabot, which gets no secrets",
  "fork-with-secrets": "this pull_request_target run is for a fork, and `push: true` does not say so"
};

// src/build/build.ts
var import_promises4 = require("node:fs/promises");

// src/retry.ts
var import_promises = require("node:timers/promises");
var registryWaits = [2e3, 6e3, 18e3];
async function retry(attempt2, say, { waits, signal, random = Math.random }) {
  for (const [place2, wait] of waits.entries()) {
    const { value, again } = await attempt2();
    if (again === void 0 || signal?.aborted) return value;
    const milliseconds = wait * (0.75 + random() / 2);
    const seconds2 = (milliseconds / 1e3).toFixed(1);
    say(`${again} Trying again in ${seconds2} s (${place2 + 1} of ${waits.length}).`);
    await (0, import_promises.setTimeout)(milliseconds, void 0, signal ? { signal } : {});
  }
  return (await attempt2()).value;
}

// src/build/command.ts
var import_node_path2 = require("node:path");
var metadataFile = (directory) => (0, import_node_path2.join)(directory, "metadata.json");
var imageIdFile = (directory) => (0, import_node_path2.join)(directory, "image-id");
var secretFile = (directory, place2) => (0, import_node_path2.join)(directory, `secret-${place2}`);
function buildCommand(plan, image, place2) {
  const args = [
    "buildx",
    "build",
    ...["--builder", place2.builder],
    ...fileArguments(plan),
    ...valueArguments(plan, image),
    ...secretArguments(plan.secrets, place2.directory),
    ...cacheArguments(plan, image),
    ...limitArguments(plan),
    ...resultArguments(plan, image, place2),
    ...each("--attest", plan.result.kind === "call" ? [] : plan.attests),
    ...["--metadata-file", metadataFile(place2.directory)],
    sourceArgument(plan.source)
  ];
  return { file: "docker", args, env: { BUILDX_METADATA_WARNINGS: "true" } };
}
function fileArguments({
  file,
  target,
  platforms: platforms2,
  buildContexts,
  pull,
  noCache,
  ...plan
}) {
  return [
    ...one("--file", file),
    ...one("--target", target),
    ...one("--platform", platforms2.length > 0 ? platforms2.join(",") : void 0),
    ...each("--build-context", buildContexts),
    ...pull ? ["--pull"] : [],
    ...noCache ? ["--no-cache"] : [],
    ...each("--no-cache-filter", plan.noCacheFilters)
  ];
}
var valueArguments = ({ buildArgs }, image) => each(
  "--build-arg",
  buildArgs.map((arg) => substituteMeta(arg, image))
);
var secretArguments = (secrets, directory) => each(
  "--secret",
  secrets.map(
    (secret, place2) => secret.kind === "variable" ? `id=${secret.id},env=${secret.variable}` : `id=${secret.id},src=${secretFile(directory, place2)}`
  )
);
function cacheArguments({ cacheFrom, cacheTo, target }, { tags: tags2 }) {
  const scope = cacheScope((tags2[0] ?? "").replace(/:[^:/]*$/, ""), target);
  return [
    ...each("--cache-from", cacheFromArguments(cacheFrom, scope)),
    ...each("--cache-to", cacheToArguments(cacheTo, scope))
  ];
}
var limitArguments = (plan) => [
  ...each("--ssh", plan.ssh),
  ...each("--allow", plan.allow),
  ...one("--network", plan.network),
  ...each("--add-host", plan.addHosts),
  ...each("--ulimit", plan.ulimits),
  ...one("--shm-size", plan.shmSize),
  ...one("--cgroup-parent", plan.cgroupParent)
];
function resultArguments(plan, image, { directory, annotates }) {
  const { result } = plan;
  if (result.kind === "call") return ["--call", result.method];
  const byDigest = result.outputs.some((output) => attributes(output)["push-by-digest"] === "true");
  return [
    ...each("--tag", byDigest ? [] : image.tags),
    ...each("--label", image.labels),
    ...each("--annotation", annotates ? annotationLines(image.annotations, exportsIndex(plan)) : []),
    ...result.push ? ["--push"] : [],
    ...result.load ? ["--load"] : [],
    ...each("--output", result.outputs),
    ...isFiles(result) ? [] : ["--iidfile", imageIdFile(directory)]
  ];
}
function exportsIndex({ platforms: platforms2, attests, result }) {
  const images = pushes(result) || exportsTo(result, "image") || exportsTo(result, "oci");
  return images && (platforms2.length > 1 || isAttested(attests));
}
var isFiles = (result) => exportsTo(result, "local") || exportsTo(result, "tar");
var one = (flag, value) => value === void 0 ? [] : [flag, value];
var each = (flag, values) => values.flatMap((value) => [flag, value]);

// src/build/rules.ts
var step = "did not complete successfully: ";
var rules = [
  {
    kind: "disk-full",
    pattern: /no space left on device/i,
    cause: "The disk is full: {error}",
    remedy: "Free space before this step (`docker system prune`, or remove tools of the hosted image), or use a larger disk."
  },
  {
    kind: "emulator",
    pattern: /qemu: uncaught target signal 11|qemu:.*Segmentation fault/i,
    within: "output",
    cause: "The emulator of a foreign platform crashed (signal 11): {error}",
    remedy: "Build that platform on a native runner or node (`append`), cross-compile with `FROM --platform=$BUILDPLATFORM`, or try another `qemu-image`."
  },
  {
    kind: "emulator",
    pattern: /exec format error/i,
    cause: "A program of another platform was run without an emulator: {error}",
    remedy: "Let Slipway register one (it needs a privileged container), or name only native `platforms`."
  },
  {
    kind: "out-of-memory",
    pattern: new RegExp(`${step}(?:exit code: 137|.*cannot allocate memory)|ResourceExhausted|OOM`),
    cause: "A step of the build was killed (137): most likely the runner ran out of memory. {error}",
    remedy: "Let that step use less memory at once (fewer parallel jobs), or take a larger runner."
  },
  {
    kind: "dockerfile",
    pattern: new RegExp(
      `${step}|parse error|unknown instruction|failed to (?:read|find) [Dd]ockerfile|target stage|failed to calculate checksum|failed to compute cache key|base name \\(.*\\) should not be blank|invalid reference format|secret .* not found|circular dependency`
    ),
    cause: "The Dockerfile could not be built: {error}",
    remedy: "The lines below are what the step printed; the same Dockerfile fails with `docker build` too."
  },
  {
    kind: "rate-limit",
    pattern: /toomanyrequests: You have reached|pull rate limit/i,
    cause: "The registry gives no more pulls for now: {error}",
    remedy: "Log in to that registry with `registry-auth`: accounts have limits of their own."
  },
  {
    kind: "transient",
    pattern: /(?:status|response)[^\n]*?: (?:408|425|429|5\d\d)\b|\b(?:429 Too Many Requests|500 Internal Server Error|502 Bad Gateway|503 Service Unavailable|504 Gateway Time-?out)\b/i,
    cause: "The registry answered with an error of its own: {error}",
    remedy: "Run the job again later; the status page of the registry may say more."
  },
  {
    kind: "denied",
    pattern: /\bdenied\b|insufficient_scope|unauthorized|authentication required|40[13] (?:Unauthorized|Forbidden)|no basic auth credentials|failed to authorize/i,
    cause: "The registry refused: {error}",
    remedy: "Check `registry-username` and `registry-password`; for ghcr.io give the job `permissions: packages: write`, and the repository write access in the settings of the package."
  },
  {
    kind: "certificate",
    pattern: /x509:|certificate (?:signed by|is not trusted|has expired)|tls: failed to verify/i,
    cause: "The registry's certificate is not trusted: {error}",
    remedy: "Put the certificate authority into `/etc/docker/certs.d/HOST/ca.crt`; a builder of its own needs it in `buildkitd-config-inline`."
  },
  {
    kind: "plain-http",
    pattern: /server gave HTTP response to HTTPS client/i,
    cause: "The registry speaks plain HTTP: {error}",
    remedy: "Name it under `insecure-registries` in the engine's daemon.json; for a builder of its own give `buildkitd-config-inline` with `http = true`."
  },
  {
    kind: "unknown-host",
    pattern: /no such host|Name or service not known|getaddrinfo ENOTFOUND/i,
    cause: "A host name is not known: {error}",
    remedy: "Check the name in `image`, `registry` or the Dockerfile, and the name servers of the runner."
  },
  {
    kind: "transient",
    pattern: /connection reset|broken pipe|\bEOF\b|i\/o timeout|handshake timeout|deadline exceeded|Client\.Timeout|request canceled|connection refused|network is unreachable|no route to host|GOAWAY|stream error|INTERNAL_ERROR|use of closed network|Temporary failure in name resolution|server misbehaving|code = Unavailable|blob upload (?:unknown|invalid)|connection timed out/i,
    cause: "The connection failed: {error}",
    remedy: "Run the job again; if it stays so, check the network between the runner and the registry."
  },
  {
    kind: "unsupported",
    pattern: /is not supported for the docker driver|not supported for single platform export|is not allowed/i,
    cause: "The builder cannot do this: {error}",
    remedy: "Leave out `builder` and `driver`, and one that can is chosen."
  },
  {
    kind: "not-found",
    pattern: /not found|manifest unknown|does not exist/i,
    cause: "Something that the build needs is not there: {error}",
    remedy: "Check the names and tags in the Dockerfile, `build-contexts` and `cache-from`."
  }
];

// src/build/diagnosis.ts
function diagnose({ code: code2, stdout, stderr }) {
  const output = `${stdout}
${stderr}`;
  const error2 = lastError(output);
  const found = rules.find(({ pattern, within }) => pattern.test(within === "output" ? output : error2));
  if (found !== void 0) {
    const { kind, cause, remedy } = found;
    const sentence2 = cause.replace("{error}", () => brief(error2));
    return { kind, cause: sentence2, ...remedy === void 0 ? {} : { remedy } };
  }
  if (code2 === 137) return killed;
  return { kind: "unknown", cause: `docker failed with exit code ${code2}: ${brief(error2)}` };
}
var killed = {
  kind: "out-of-memory",
  cause: "docker was killed (exit code 137): most likely the runner ran out of memory.",
  remedy: "Let the build use less memory at once, or take a larger runner."
};
function lastError(output) {
  const lines2 = output.trimEnd().split("\n");
  const start = lines2.findLastIndex(
    (line) => /^(?:ERROR: |Error(?: response from daemon)?: |error: )/.test(line)
  );
  return start === -1 ? lines2.slice(-5).join("\n") : lines2.slice(start).join("\n");
}
var brief = (error2) => (error2.split("\n")[0] ?? "").replace(/^(?:ERROR|Error|error)(?: response from daemon)?: /, "").replace(/^(?:failed to (?:build|solve): )+/, "").replace(/[.\s]*$/, ".");

// src/build/files.ts
var import_promises2 = require("node:fs/promises");
var import_node_path3 = require("node:path");
var privateDirectory = (parent, name2) => (0, import_promises2.mkdtemp)((0, import_node_path3.join)(parent, `slipway-${name2}-`));
async function writeSecrets(secrets, directory, workspace) {
  const problems = [];
  const contents = await Promise.all(secrets.map((secret) => read(secret, workspace, problems)));
  if (problems.length > 0) throw new Failure("plan", problems);
  await Promise.all(
    contents.map(
      (content, place2) => content === void 0 ? void 0 : (0, import_promises2.writeFile)(secretFile(directory, place2), content, { mode: 384 })
    )
  );
  return contents.flatMap((content) => content === void 0 ? [] : [content.toString()]);
}
async function read(secret, workspace, problems) {
  if (secret.kind === "value") return secret.value;
  if (secret.kind === "variable") return void 0;
  return await (0, import_promises2.readFile)((0, import_node_path3.resolve)(workspace, secret.path)).catch(() => {
    problems.push({
      input: "secret-files",
      cause: `\`secret-files\` names \`${secret.path}\` for \`${secret.id}\`, which cannot be read.`,
      remedy: "Give the path of a file that an earlier step has made."
    });
    return void 0;
  });
}

// src/build/metadata.ts
var import_promises3 = require("node:fs/promises");
async function readMetadata(directory) {
  const [metadata, imageId] = await Promise.all(
    [metadataFile(directory), imageIdFile(directory)].map((path4) => (0, import_promises3.readFile)(path4, "utf8").catch(() => ""))
  );
  return parseMetadata(metadata ?? "", imageId ?? "");
}
function parseMetadata(metadata, imageId) {
  const found = metadata.trim() === "" ? null : JSON.parse(metadata);
  const raw = typeof found === "object" && found !== null ? found : {};
  const warnings = raw["buildx.build.warnings"];
  return {
    digest: text3(raw["containerimage.digest"]),
    imageId: imageId.trim() || text3(raw["containerimage.config.digest"]),
    warnings: Array.isArray(warnings) ? warnings.map(readWarning) : [],
    raw
  };
}
function readWarning(warning2) {
  const detail = at(warning2, "detail");
  const detailed = Array.isArray(detail) ? detail.map(decode).join(" ") : "";
  const start = at(warning2, "range", "0", "start", "line");
  return {
    text: detailed || decode(at(warning2, "short")),
    url: text3(at(warning2, "url")),
    file: text3(at(warning2, "sourceInfo", "filename")),
    line: typeof start === "number" ? start : void 0
  };
}
var decode = (value) => Buffer.from(text3(value) ?? "", "base64").toString("utf8");
var text3 = (value) => typeof value === "string" && value !== "" ? value : void 0;

// src/build/shown.ts
var shown = ({ file, args }) => `$ ${[file, ...args].map(quote).join(" ")}`;
var quote = (word) => /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

// src/build/stall.ts
function watchStall(patience4) {
  const controller = new AbortController();
  let pushing;
  let timer;
  const arm = () => {
    clearTimeout(timer);
    if (pushing !== void 0) timer = setTimeout(() => controller.abort(), patience4);
  };
  return {
    signal: controller.signal,
    heard(line) {
      const [, step2, word] = /^(#\d+) (pushing|writing|DONE|ERROR|CANCELED)\b/.exec(line) ?? [];
      if (word === "pushing" || word === "writing") pushing = step2;
      else if (step2 !== void 0 && step2 === pushing) pushing = void 0;
      arm();
    },
    end: () => clearTimeout(timer)
  };
}

// src/build/build.ts
var stalledAfter = 6e5;
async function build(world2, { plan, image, builder }, options = {}) {
  const directory = await privateDirectory(world2.context.temp, "build");
  world2.remember({ kind: "directory", path: directory });
  try {
    const secrets = await writeSecrets(plan.secrets, directory, world2.context.workspace);
    for (const secret of secrets) world2.log.mask(secret);
    const place2 = { builder: builder.name, directory, annotates: builder.annotates };
    await run(world2, buildCommand(plan, image, place2), directory, options);
    return await readBuilt(plan, directory);
  } finally {
    await (0, import_promises4.rm)(directory, { recursive: true, force: true });
  }
}
async function run(world2, command, directory, options) {
  world2.log.line(shown(command));
  const { outcome, failure: failure2 } = await retry(
    async () => {
      await Promise.all([metadataFile, imageIdFile].map((file) => (0, import_promises4.rm)(file(directory), { force: true })));
      const ended = await attempt(world2, command, options.stalledAfter ?? stalledAfter);
      return ended.failure?.kind === "transient" ? { value: ended, again: ended.failure.cause } : { value: ended };
    },
    world2.log.warning,
    { waits: options.waits ?? registryWaits, signal: world2.cancelled }
  );
  world2.cancelled.throwIfAborted();
  if (failure2 !== void 0) throw buildFailure(outcome, failure2);
}
async function attempt(world2, command, patience4) {
  const stall = watchStall(patience4);
  const outcome = await world2.run(command, {
    signal: AbortSignal.any([world2.cancelled, stall.signal]),
    onLine(line) {
      stall.heard(line);
      world2.log.foreign(line);
    }
  });
  stall.end();
  if (stall.signal.aborted) return { outcome, failure: stalled(patience4) };
  return outcome.code === 0 ? { outcome } : { outcome, failure: diagnose(outcome) };
}
var stalled = (patience4) => ({
  kind: "transient",
  cause: `The push made no progress for ${Math.round(patience4 / 1e3)} seconds.`,
  remedy: "Run the job again later; the status page of the registry may say more."
});
function buildFailure({ stdout, stderr }, { cause, remedy }) {
  const output = lastLines(`${stdout}${stderr}`);
  const stage = /failed to push|^#\d+ pushing/m.test(output) || /\bpush\b/.test(cause) ? "push" : "build";
  return new Failure(stage, { cause, output, ...remedy === void 0 ? {} : { remedy } });
}
async function readBuilt(plan, directory) {
  const metadata = await readMetadata(directory);
  const pushed = pushes(plan.result);
  if (pushed && metadata.digest === void 0) {
    throw new Failure("push", {
      cause: "The build ended well, but buildx named no digest for what it pushed.",
      remedy: "Update buildx on the runner (0.6 or later), or have it fetched by `buildx-version`."
    });
  }
  return { ...metadata, pushed };
}

// src/report/outputs.ts
function setOutputs(outputs) {
  for (const [name2, value] of Object.entries(outputs)) setOutput(name2, value);
}

// src/produce.ts
async function produce({ image, build: plan }, { workshop }) {
  setOutputs(metadataOutputs(image, exportsIndex2(plan)));
  const built = await build(workshop.world, { plan, image, builder: workshop.builder });
  const report = reportOf(image, plan, built);
  setOutputs({
    ...report.digest === void 0 ? {} : { image: `${report.repository}@${report.digest}`, digest: report.digest },
    imageid: built.imageId ?? "",
    metadata: JSON.stringify(built.raw)
  });
  return report;
}
var exportsIndex2 = ({ platforms: platforms2, attests }) => platforms2.length > 1 || attests.length > 0;
function reportOf({ tags: tags2 }, { platforms: platforms2 }, { digest, pushed }) {
  const first = parseReference(tags2[0] ?? "");
  return {
    repository: "reason" in first ? "" : repositoryName(first),
    ...pushed && digest !== void 0 ? { digest } : {},
    tags: tags2,
    platforms: platforms2.map((platform2) => ({ platform: platform2 }))
  };
}

// src/build/docker-problems.ts
function dockerProblem(outcome, facts) {
  const { code: code2, stderr } = outcome;
  if (code2 === null) return silent;
  if (code2 === 127 && facts === void 0) return { ...missing3, output: lastLines(stderr, 5) };
  if (at(facts, "host") !== void 0 || /using podman/i.test(stderr)) return podman;
  if (at(facts, "OSType") === "windows") return windows;
  if (code2 !== 0 || !at(facts, "ServerVersion")) return daemonProblem(outcome, facts);
  if (pluginVersion(facts, "buildx") === void 0) return buildx;
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
var missing3 = {
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
var buildx = {
  cause: "The `docker` command of this runner has no buildx.",
  remedy: "Install the package docker-buildx-plugin on the runner, or have it fetched by `buildx-version`."
};

// src/build/docker.ts
var dockerInfo = { file: "docker", args: ["info", "--format", "{{json .}}"] };
var patience = 3e4;
async function probeDocker(run2, signal) {
  const outcome = await run2(dockerInfo, { timeout: patience, ...signal ? { signal } : {} }).catch(notFound);
  const facts = parse2(outcome.stdout);
  const problem2 = dockerProblem(outcome, facts);
  if (problem2 !== void 0) throw new Failure("preflight", problem2);
  return readDocker(facts);
}
var notFound = (error2) => ({ code: 127, stdout: "", stderr: String(error2) });
function parse2(text5) {
  try {
    return JSON.parse(text5);
  } catch {
    return void 0;
  }
}
function readDocker(facts) {
  const store = list2(at(facts, "DriverStatus")).some(
    (pair) => list2(pair).includes("io.containerd.snapshotter.v1")
  );
  return {
    engineVersion: text4(at(facts, "ServerVersion")),
    buildxVersion: pluginVersion(facts, "buildx") ?? "",
    composeVersion: pluginVersion(facts, "compose"),
    imageStore: store ? "containerd" : "classic",
    platform: `${text4(at(facts, "OSType"))}/${architecture(text4(at(facts, "Architecture")))}`,
    rootless: list2(at(facts, "SecurityOptions")).some((option) => text4(option).startsWith("name=rootless")),
    context: text4(at(facts, "ClientInfo", "Context")) || "default",
    insecure: insecureRegistries(facts)
  };
}
function pluginVersion(facts, name2) {
  const plugin = list2(at(facts, "ClientInfo", "Plugins")).find((each2) => at(each2, "Name") === name2);
  const version = text4(at(plugin, "Version")).replace(/^v/, "");
  return plugin === void 0 || at(plugin, "Err") !== void 0 ? void 0 : version;
}
function insecureRegistries(facts) {
  const configured = Object.values(at(facts, "RegistryConfig", "IndexConfigs") ?? {});
  return {
    hosts: configured.filter((index) => at(index, "Secure") === false).map((index) => text4(at(index, "Name"))),
    cidrs: list2(at(facts, "RegistryConfig", "InsecureRegistryCIDRs")).map(text4)
  };
}
var architectures2 = {
  x86_64: "amd64",
  aarch64: "arm64",
  armv7l: "arm/v7",
  armv6l: "arm/v6",
  i386: "386",
  i686: "386",
  loongarch64: "loong64"
};
var architecture = (machine) => architectures2[machine] ?? machine;
var list2 = (value) => Array.isArray(value) ? value : [];
var text4 = (value) => typeof value === "string" ? value : "";

// src/build/open.ts
var import_node_crypto4 = require("node:crypto");
var import_promises7 = require("node:fs/promises");
var import_node_path6 = require("node:path");

// src/build/version.ts
function atLeast(version, floor) {
  const have = numbers2(version);
  for (const [place2, wanted] of numbers2(floor).entries()) {
    const number = have[place2] ?? 0;
    if (number !== wanted) return number > wanted;
  }
  return true;
}
var numbers2 = (version) => (/\d+(?:\.\d+)*/.exec(version)?.[0] ?? "0").split(".").map(Number);

// src/build/builder.ts
function chooseBuilder(docker, plan) {
  const { name: name2, driver = "docker-container" } = plan.builder;
  if (name2 !== void 0 && name2 !== docker.context && name2 !== "default") return { kind: "named", name: name2 };
  if (name2 !== void 0 || plan.builder.driver === "docker") return { kind: "engine" };
  const why = asked(plan.builder) ?? beyondEngine(docker, plan);
  return why === void 0 ? { kind: "engine" } : { kind: "made", driver, why };
}
function asked({ driver, driverOpts, config, flags, endpoint: endpoint2, nodes }) {
  if (driver !== void 0) return `\`driver: ${driver}\` asks for it`;
  if (endpoint2 !== void 0 || nodes.length > 0) return "it builds on other machines";
  if (driverOpts.length > 0) return "`driver-opts` are given";
  return config !== void 0 || flags !== void 0 ? "buildkitd is configured" : void 0;
}
function beyondEngine(docker, plan) {
  const limits = docker.imageStore === "classic" ? classicLimits : containerdLimits;
  return [...limits, ...engineLimits].find(({ exceeds }) => exceeds(plan, docker))?.why;
}
var classicLimits = [
  { why: "the engine's image store holds one platform", exceeds: (plan) => plan.platforms.length > 1 },
  { why: "the engine's image store takes no attestations", exceeds: (plan) => isAttested(plan.attests) },
  {
    why: "the engine's image store exports no cache",
    exceeds: (plan) => plan.cacheTo.some(({ type }) => type !== "inline")
  },
  { why: "the engine's image store exports no OCI archive", exceeds: (plan) => exportsTo(plan.result, "oci") }
];
var containerdLimits = [
  {
    // docker/buildx#3023, moby/moby#49949: the push is repeated by the engine, each manifest under the tag.
    why: "buildx before 0.22 can leave a tag on the wrong manifest",
    exceeds: (plan, { buildxVersion }) => !atLeast(buildxVersion, "0.22") && pushes(plan.result) && (plan.platforms.length > 1 || isAttested(plan.attests))
  }
];
var engineLimits = [
  {
    why: "the engine may not grant `security.insecure`",
    exceeds: (plan) => plan.allow.includes("security.insecure")
  },
  {
    why: "the engine knows no such cache",
    exceeds: (plan) => [...plan.cacheFrom, ...plan.cacheTo].some(({ type }) => ["s3", "azblob"].includes(type))
  }
];

// src/build/create.ts
function createCommands(plan, made) {
  const { builder } = plan;
  const first = [...["--name", made.name, "--driver", made.driver], ...nodeArguments(plan, made)];
  const nodes = [first, ...builder.nodes.map((node) => appendArguments(node, made))];
  return nodes.map((args, place2) => ({
    file: "docker",
    args: ["buildx", "create", ...place2 === nodes.length - 1 ? ["--bootstrap"] : [], ...args]
  }));
}
function nodeArguments(plan, { driver, configFile, buildxVersion }) {
  const { builder } = plan;
  const remote = driver === "remote";
  const flags = builder.flags ?? entitlements(plan);
  return [
    ...builder.driverOpts.flatMap((option) => ["--driver-opt", option]),
    ...remote || flags === "" ? [] : ["--buildkitd-flags", flags],
    ...remote || configFile === void 0 ? [] : [configFlag(buildxVersion), configFile],
    ...builder.endpoint === void 0 ? [] : [builder.endpoint]
  ];
}
function appendArguments(node, { name: name2, driver }) {
  return [
    ...["--name", name2, "--append"],
    ...node.name === void 0 ? [] : ["--node", node.name],
    ...node.driverOpts.flatMap((option) => ["--driver-opt", option]),
    ...driver === "remote" || node.flags === void 0 ? [] : ["--buildkitd-flags", node.flags],
    ...node.platforms.length === 0 ? [] : ["--platform", node.platforms.join(",")],
    ...node.endpoint === void 0 ? [] : [node.endpoint]
  ];
}
function entitlements({ allow, network }) {
  const known = ["network.host", "security.insecure"].filter(
    (name2) => allow.some((each2) => each2.split("=")[0] === name2) || name2 === "network.host" && network === "host"
  );
  return known.map((name2) => `--allow-insecure-entitlement ${name2}`).join(" ");
}
var configFlag = (buildxVersion) => atLeast(buildxVersion, "0.13") ? "--buildkitd-config" : "--config";
var inspectCommand = (name2) => ({
  file: "docker",
  args: ["buildx", "inspect", "--bootstrap", name2]
});
function readPlatforms(inspected) {
  const nodes = [...inspected.matchAll(/^\s*Platforms:\s*(.*)$/gm)].map(([, platforms2 = ""]) => platforms2);
  return [...new Set(nodes.flatMap((platforms2) => platforms2.split(",")).map(clean))].filter((each2) => each2 !== "");
}
var clean = (platform2) => platform2.replace(/\*$/, "").replace(/^\(\+\d+\)$/, "").trim();
var readDriver = (inspected) => /^Driver:\s*(\S+)/m.exec(inspected)?.[1] ?? "";

// src/build/current.ts
var import_promises5 = require("node:fs/promises");
var import_node_os = require("node:os");
var import_node_path4 = require("node:path");
var dockerDirectory = (env2) => env2["DOCKER_CONFIG"] || (0, import_node_path4.join)(env2["HOME"] || (0, import_node_os.homedir)(), ".docker");
var buildxDirectory = (env2) => env2["BUILDX_CONFIG"] || (0, import_node_path4.join)(dockerDirectory(env2), "buildx");
async function currentBuilder(env2, context2) {
  const directory = buildxDirectory(env2);
  const noted = await (0, import_promises5.readFile)((0, import_node_path4.join)(directory, "current"), "utf8").catch(() => "{}");
  const name2 = at(parse3(noted), "Name");
  if (typeof name2 !== "string" || name2 === "") return void 0;
  if (at(parse3(noted), "Global") !== true && at(parse3(noted), "Key") !== endpoint(env2, context2))
    return void 0;
  const there = await (0, import_promises5.stat)((0, import_node_path4.join)(directory, "instances", name2)).catch(() => void 0);
  return there === void 0 ? void 0 : name2;
}
var endpoint = (env2, context2) => context2 === "default" ? env2["DOCKER_HOST"] || "unix:///var/run/docker.sock" : context2;
function parse3(text5) {
  try {
    return JSON.parse(text5);
  } catch {
    return void 0;
  }
}

// src/build/emulators.ts
var import_promises6 = require("node:fs/promises");
var import_node_path5 = require("node:path");
var registered = "/proc/sys/fs/binfmt_misc";
async function emulatorsHere(directory = registered) {
  const names3 = await (0, import_promises6.readdir)(directory).catch(() => []);
  const usable2 = await Promise.all(names3.map((name2) => isUsable((0, import_node_path5.join)(directory, name2))));
  return names3.filter((name2, place2) => name2.startsWith("qemu-") && usable2[place2]);
}
async function isUsable(file) {
  const text5 = await (0, import_promises6.readFile)(file, "utf8").catch(() => "");
  return text5.startsWith("enabled") && /^flags: .*F/m.test(text5);
}
function missingEmulators(platforms2, machine, emulators2) {
  return platforms2.filter((each2) => !isNative(each2, machine) && !emulators2.includes(emulatorOf(each2)));
}
function unlisted(platforms2, listed) {
  return platforms2.filter(
    (each2) => each2 !== "local" && !listed.some((known) => isNative(each2, known) || known === each2)
  );
}
var installCommand = (image, platforms2) => ({
  file: "docker",
  args: [
    "run",
    "--rm",
    "--privileged",
    image,
    "--install",
    [...new Set(platforms2.map(architectureOf))].join(",")
  ]
});

// src/build/patient.ts
async function patiently({ run: run2, log: log2, cancelled }, first, {
  waits = registryWaits,
  next: next2 = first
} = {}) {
  let command = first;
  const outcome = await retry(
    async () => {
      log2.line(shown(command));
      const value = await run2(command, { signal: cancelled, onLine: log2.foreign });
      command = next2;
      const { kind, cause } = value.code === 0 ? { kind: "unknown", cause: "" } : diagnose(value);
      return kind === "transient" ? { value, again: cause } : { value };
    },
    log2.warning,
    { waits, signal: cancelled }
  );
  cancelled.throwIfAborted();
  return outcome;
}

// src/build/emulation.ts
async function provideEmulators(world2, plan, docker, listed) {
  if (plan.result.kind === "call" || plan.platforms.length === 0) return;
  const missing4 = listed ? unlisted(plan.platforms, listed) : await findMissing(world2, plan.platforms, docker);
  if (missing4.length === 0) return;
  if (docker.rootless) throw new Failure("preflight", rootless(missing4));
  const outcome = await patiently(world2, installCommand(plan.builder.qemuImage, missing4));
  if (outcome.code !== 0) world2.log.warning(notInstalled(missing4));
}
async function findMissing(world2, platforms2, docker) {
  const foreign2 = missingEmulators(platforms2, docker.platform, []);
  if (foreign2.length === 0) return [];
  if (isLocal(world2, docker)) return missingEmulators(platforms2, docker.platform, await emulatorsHere());
  const { code: code2, stdout } = await world2.run(inspectCommand(docker.context), { signal: world2.cancelled });
  world2.cancelled.throwIfAborted();
  return code2 === 0 ? unlisted(platforms2, readPlatforms(stdout)) : foreign2;
}
var isLocal = ({ env: env2 }, { context: context2 }) => context2 === "default" && (env2["DOCKER_HOST"] ?? "unix://").startsWith("unix://");
var rootless = (missing4) => ({
  input: "platforms",
  cause: `The engine of this runner is rootless, and cannot register an emulator for ${missing4.join(", ")}.`,
  remedy: "Register it once as root on the machine (the package qemu-user-static does), name a node of that platform by `append`, or leave the platform out."
});
var notInstalled = (missing4) => `No emulator could be registered for ${missing4.join(", ")}: a RUN step for it will fail.`;

// src/build/open.ts
async function openBuilder(world2, plan, docker) {
  const choice2 = chooseBuilder(docker, await withCurrent(plan, docker, world2));
  switch (choice2.kind) {
    case "engine":
      return await openEngine(world2, plan, docker);
    case "named":
      return await openNamed(world2, plan, docker, choice2.name) ?? await makeBuilder(world2, plan, docker, {
        name: choice2.name,
        driver: plan.builder.driver ?? "docker-container",
        why: `there is no builder \`${choice2.name}\` yet`
      });
    case "made": {
      const name2 = `slipway-${(0, import_node_crypto4.randomBytes)(4).toString("hex")}`;
      return await makeBuilder(world2, plan, docker, { ...choice2, name: name2 });
    }
    default:
      return choice2;
  }
}
async function withCurrent(plan, docker, world2) {
  const { name: name2, driver, endpoint: endpoint2, nodes } = plan.builder;
  if (name2 !== void 0 || driver !== void 0 || endpoint2 !== void 0 || nodes.length > 0) return plan;
  const current = await currentBuilder(world2.env, docker.context);
  return current === void 0 ? plan : { ...plan, builder: { ...plan.builder, name: current } };
}
async function openEngine(world2, plan, docker) {
  await provideEmulators(world2, plan, docker);
  return { name: docker.context, why: void 0, annotates: docker.imageStore === "containerd" };
}
async function openNamed(world2, plan, docker, name2) {
  const { code: code2, stdout, stderr } = await world2.run(inspectCommand(name2), { signal: world2.cancelled });
  world2.cancelled.throwIfAborted();
  if (code2 !== 0 && /no builder .* found/.test(stderr)) return void 0;
  if (code2 !== 0) {
    throw new Failure("preflight", {
      input: "builder",
      cause: `The builder \`${name2}\` cannot be booted.`,
      remedy: `Try \`docker buildx inspect --bootstrap ${name2}\` on the runner, or leave out \`builder\`.`,
      output: lastLines(stderr)
    });
  }
  const driver = readDriver(stdout);
  if (driver === "docker" || driver === "docker-container") {
    await provideEmulators(world2, plan, docker, readPlatforms(stdout));
  }
  const classic = driver === "docker" && docker.imageStore === "classic";
  return { name: name2, why: void 0, annotates: !classic };
}
async function makeBuilder(world2, plan, docker, made) {
  const { endpoint: endpoint2, nodes, cleanup, keepState } = plan.builder;
  const local = made.driver === "docker-container" && endpoint2 === void 0 && nodes.length === 0;
  if (local) await provideEmulators(world2, plan, docker);
  if (cleanup) world2.remember({ kind: "builder", name: made.name, env: buildxEnvironment(world2), keepState });
  await create(world2, plan, docker, made);
  return { name: made.name, why: made.why, annotates: true };
}
function buildxEnvironment({ env: env2 }) {
  const names3 = ["DOCKER_HOST", "DOCKER_CONTEXT", "BUILDX_CONFIG"];
  return Object.fromEntries(names3.flatMap((name2) => env2[name2] === void 0 ? [] : [[name2, env2[name2]]]));
}
async function create(world2, plan, docker, made) {
  const directory = await privateDirectory(world2.context.temp, "builder");
  const { config } = plan.builder;
  const configFile = config === void 0 ? void 0 : (0, import_node_path6.join)(directory, "buildkitd.toml");
  try {
    if (configFile !== void 0) await (0, import_promises7.writeFile)(configFile, config ?? "", { mode: 384 });
    for (const command of createCommands(plan, {
      ...made,
      configFile,
      buildxVersion: docker.buildxVersion
    })) {
      const outcome = await patiently(world2, command, { next: inspectCommand(made.name) });
      if (outcome.code !== 0) throw bootFailure(made, diagnose(outcome), lastLines(outcome.stderr));
    }
  } finally {
    await (0, import_promises7.rm)(directory, { recursive: true, force: true });
  }
}
function bootFailure({ driver, why }, { kind, cause, remedy }, output) {
  const offline = "It needs the image `moby/buildkit`; give another by `driver-opts: image=…`.";
  return new Failure("preflight", {
    cause: `A builder (${driver}) was needed, as ${why}, and did not boot. ${cause}`,
    remedy: kind === "unknown-host" || remedy === void 0 ? offline : remedy,
    output
  });
}

// src/deploy/server/answer.sh
var answer_default = `# How the server answers a question of preflight: in sections, so that what a login's rc files print is told
# apart, and any text can be content. \`=name\` opens a section, its lines are indented by a blank.

# say NAME LINE...
say() {
  printf '=%s\\n' "$1"
  shift
  [ $# -eq 0 ] || printf '%s\\n' "$@" | sed 's/^/ /'
}

# A command that hangs (a dead engine behind a socket) must not hold the rest back.
limited() {
  if timeout 9 true 2>/dev/null; then timeout "\${limit:-15}" "$@"; else "$@"; fi
}

# tell NAME COMMAND...: what it prints as NAME, its exit code as NAME.code, its complaints as NAME.error. One
# after the other and never through one pipe at once, where they would be torn at its capacity.
tell() {
  name=$1
  shift
  {
    complaint=$({
      output=$(limited "$@" 3>&-)
      code=$?
      { say "$name" "$output" && say "$name.code" "$code"; } >&3
    } 2>&1)
  } 3>&1
  say "$name.error" "$complaint"
}

# All of a script is read before any of it runs (a command must not eat the rest from stdin), and its end is
# marked: half an answer is none.
answer() {
  printf '\\n#slipway\\n'
  "$@" </dev/null
  printf '=end\\n'
}
`;

// src/deploy/answer.ts
async function ask2(run2, { script, args, patience: patience4 }) {
  const command = { file: "sh", args: ["-s", ...args], stdin: answer_default + script };
  const outcome = await run2(command, { timeout: patience4 });
  return readAnswer(outcome) ?? noAnswer(outcome, patience4);
}
var isProblem2 = (value) => "cause" in value;
function noAnswer({ code: code2, stdout, stderr }, patience4) {
  const output = lastLines(stderr.trim() === "" ? stdout : stderr);
  if (code2 === null) {
    return {
      cause: `The server took the login, and did not answer a question within ${patience4 / 1e3} s.`,
      remedy: "See whether `docker info` answers there: an engine that hangs has to be restarted."
    };
  }
  return {
    cause: `The server took the login, but its \`sh\` ended with ${code2} in the middle of a question.`,
    remedy: "See whether `ssh USER@HOST sh -c true` works.",
    ...output === "" ? {} : { output }
  };
}
function readAnswer({ code: code2, stdout }) {
  const lines2 = stdout.split(/\r?\n/);
  const begin = lines2.lastIndexOf("#slipway");
  const end = lines2.indexOf("=end", begin);
  if (code2 === null || begin < 0 || end < 0) return void 0;
  return answerOf(sectionsOf(lines2.slice(begin + 1, end)));
}
function sectionsOf(lines2) {
  const sections = [];
  for (const line of lines2) {
    if (line.startsWith("=")) sections.push({ name: line.slice(1), lines: [] });
    else if (line.startsWith(" ")) sections.at(-1)?.lines.push(line.slice(1));
  }
  return sections;
}
function answerOf(sections) {
  const find = (name2) => sections.find((section) => section.name === name2)?.lines ?? [];
  return {
    sections,
    text: (name2) => find(name2).join("\n").trimEnd(),
    lines: (name2) => find(name2).filter((line) => line !== ""),
    has: (name2) => sections.some((section) => section.name === name2)
  };
}

// src/deploy/history.ts
function readHistory([head = "", ...lines2]) {
  const columns = head.split("	");
  return lines2.filter((line) => line !== head).map((line) => line.split("	")).filter((cells2) => cells2.length === columns.length).map((cells2) => entryOf((name2) => cellOf(cells2[columns.indexOf(name2)])));
}
var cellOf = (cell2 = "-") => cell2 === "-" ? "" : cell2;
var entryOf = (cell2) => ({
  when: cell2("when"),
  verdict: cell2("verdict"),
  service: cell2("service"),
  image: cell2("image"),
  tags: cell2("tags").split(" ").filter(Boolean),
  commit: cell2("commit"),
  url: cell2("url")
});

// src/deploy/server/containers.sh
var containers_default = `# What of a Compose project is there now, and what its earlier deploys left. Needs answer.sh.
# Arguments: the project's name, its directory, and the words of a docker call.

# No more than is asked for: labels and environments hold secrets. \`.ID\`, not \`.Id\`: a name that the client's own
# types do not have sends it to the raw JSON, where a container without a healthcheck has no \`.State.Health\`.
container='{"id":{{json .ID}},"name":{{json .Name}},"state":{{json .State.Status}},"health":{{if .State.Health}}{{json .State.Health.Status}}{{else}}null{{end}},"started":{{json .State.StartedAt}},"exit":{{json .State.ExitCode}},"restarts":{{json .RestartCount}},"reference":{{json .Config.Image}},"image":{{json .Image}},"healthcheck":{{json .Config.Healthcheck}},"labels":{'
label() {
  container=$container'"'$1'":{{json (index .Config.Labels "com.docker.compose.'$1'")}}'$2
}
label service ,
label config-hash ,
label oneoff ,
label version ,
label project.config_files ,
label project.working_dir '}}'

image='{"id":{{json .ID}},"digests":{{json .RepoDigests}},"size":{{json .Size}}}'

# Words are split on purpose: an ID each.
# shellcheck disable=SC2086
described() {
  tell containers "$@" inspect --type container --format "$container" $ids
  images=$(limited "$@" inspect --type container --format '{{.Image}}' $ids | sort -u)
  tell images "$@" image inspect --format "$image" $images
}

# Where the transaction keeps its lock, record and history, in place or yet to be made.
state() {
  for place in "$1/.slipway/$2" "$1/.slipway" "$1"; do
    [ -e "$place" ] || continue
    [ ! -w "$place" ] || say writable
    break
  done
  [ ! -d "$1/.slipway/$2/record" ] || say unfinished
  [ ! -r "$1/.slipway/$2/history.tsv" ] || say history "$(head -n 1 "$1/.slipway/$2/history.tsv")" "$(tail -n 200 "$1/.slipway/$2/history.tsv")"
}

containers() {
  project=$1 directory=$2
  shift 2
  state "$directory" "$project"
  ids=$(limited "$@" ps -aq --no-trunc --filter "label=com.docker.compose.project=$project")
  [ -z "$ids" ] || described "$@"
  tell projects "$@" ps -a --filter "label=com.docker.compose.project.working_dir=$directory" --format '{{.Label "com.docker.compose.project"}}'
}

# shellcheck disable=SC2034 # answer.sh reads it
limit=20
answer containers "$@"
`;

// src/deploy/preflight-containers.ts
var containersQuestion = (tools, project) => ({
  script: containers_default,
  args: [project.name, project.directory, ...tools.docker],
  patience: 6e4
});
async function readContainers(run2, tools, project, findings) {
  const answer = await ask2(run2, containersQuestion(tools, project));
  if (!isProblem2(answer)) return parseContainers(answer);
  findings.problems.push(answer);
  return void 0;
}
function parseContainers(answer) {
  const images = answer.lines("images").map((line) => JSON.parse(line));
  const digests = new Map(images.map((image) => [image.id, image.digests ?? []]));
  return {
    containers: answer.lines("containers").map((line) => JSON.parse(line)).filter(({ labels }) => labels["oneoff"] !== "True").map((container) => containerOf(container, digests.get(container.image) ?? [])),
    projects: [...new Set(answer.lines("projects"))],
    stateWritable: answer.has("writable"),
    unfinished: answer.has("unfinished"),
    history: readHistory(answer.lines("history"))
  };
}
function containerOf(inspected, repoDigests) {
  const { labels, healthcheck: healthcheck2 } = inspected;
  return {
    id: inspected.id,
    name: inspected.name.replace(/^\//, ""),
    state: inspected.state,
    exitCode: inspected.exit,
    health: inspected.health === "none" ? void 0 : inspected.health ?? void 0,
    reference: inspected.reference,
    imageId: inspected.image,
    repoDigests,
    configHash: labels["config-hash"] || void 0,
    composeVersion: labels["version"] || void 0,
    startedAt: inspected.started,
    restartCount: inspected.restarts,
    service: labels["service"] ?? "",
    hasHealthcheck: (healthcheck2?.Test?.length ?? 0) > 0 && healthcheck2?.Test?.[0] !== "NONE",
    composeFiles: (labels["project.config_files"] ?? "").split(",").filter(Boolean),
    directory: labels["project.working_dir"] || void 0
  };
}

// src/deploy/preflight-project.ts
var import_node_path8 = require("node:path");

// src/deploy/compose.ts
async function readComposeConfig(text5) {
  const { name: name2, services } = fields(await parsed(text5));
  if (typeof services !== "object" || services === null) return void 0;
  const entries3 = Object.entries(services).map(([service, value]) => [service, readService(fields(value))]);
  return { name: optionalText(name2), services: Object.fromEntries(entries3) };
}
async function parsed(text5) {
  try {
    if (text5.trimStart().startsWith("{")) return JSON.parse(text5);
    const { load } = await Promise.resolve().then(() => __toESM(require("./vendor/js-yaml.cjs"), 1));
    return load(text5);
  } catch {
    return void 0;
  }
}
var fields = (value) => typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
var optionalText = (value) => typeof value === "string" && value !== "" ? value : void 0;
function names2(value) {
  if (Array.isArray(value)) return value.map(String);
  return Object.keys(fields(value));
}
function readService(service) {
  return {
    image: optionalText(service["image"]),
    builds: service["build"] !== void 0 && service["build"] !== null,
    pullPolicy: optionalText(service["pull_policy"]),
    platform: optionalText(service["platform"]),
    replicas: replicas(service),
    profiles: names2(service["profiles"]),
    containerName: optionalText(service["container_name"]),
    networkMode: optionalText(service["network_mode"]),
    restart: optionalText(service["restart"]),
    stopGracePeriod: goSeconds(optionalText(service["stop_grace_period"])) ?? defaultGrace,
    dependsOn: names2(service["depends_on"]),
    waitsForEnd: Object.entries(fields(service["depends_on"])).filter(([, value]) => fields(value)["condition"] === "service_completed_successfully").map(([name2]) => name2),
    healthcheck: healthcheck(service["healthcheck"]),
    livesIn: host(service)
  };
}
var defaultGrace = 10;
function replicas(service) {
  const count = fields(service["deploy"])["replicas"] ?? service["scale"] ?? 1;
  return Number.isInteger(Number(count)) ? Number(count) : 1;
}
function healthcheck(value) {
  const { disable, test } = fields(value);
  if (disable === true || Array.isArray(test) && test[0] === "NONE" || test === "NONE") return "none";
  return test === void 0 ? void 0 : "declared";
}
function host(service) {
  const modes = [service["network_mode"], service["pid"], service["ipc"]];
  return modes.map((mode) => /^service:(.+)$/.exec(String(mode))?.[1]).find((name2) => name2 !== void 0);
}
var goUnits = {
  h: 3600,
  m: 60,
  s: 1,
  ms: 1e-3,
  us: 1e-6,
  µs: 1e-6,
  ns: 1e-9
};
function goSeconds(text5) {
  if (text5 === void 0 || !/^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/.test(text5)) return void 0;
  const parts = [...text5.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g)];
  return parts.reduce((sum, [, count, unit2 = ""]) => sum + Number(count) * (goUnits[unit2] ?? 0), 0);
}

// src/deploy/preflight-files.ts
var import_node_path7 = require("node:path");

// src/deploy/server/probe.sh
var probe_default = `# What there is on this server. Needs answer.sh.

# where NAME DIRECTORY...: each program of that name, on the PATH first.
where() (
  program=$1 seen=:
  shift
  IFS=:
  for directory in $PATH "$@"; do
    case $seen in *":$directory:"*) continue ;; esac
    seen=$seen$directory:
    [ -f "$directory/$program" ] && [ -x "$directory/$program" ] && printf '%s\\n' "$directory/$program"
  done
)

# A non-interactive login often has a short PATH.
clients() {
  where docker /usr/local/bin /usr/bin /snap/bin "$HOME/bin" "$HOME/.local/bin" /usr/local/sbin /opt/bin
}

# Compose's plugin does as a program too, where the client looks elsewhere for it.
composes() {
  where docker-compose /usr/local/bin /usr/bin /snap/bin "$HOME/bin" "$HOME/.local/bin" /usr/local/sbin /opt/bin \\
    "$HOME/.docker/cli-plugins" /usr/local/lib/docker/cli-plugins /usr/local/libexec/docker/cli-plugins \\
    /usr/lib/docker/cli-plugins /usr/libexec/docker/cli-plugins
}

# named PATH: its name alone where that means the same program.
named() {
  [ "$(command -v "\${1##*/}")" = "$1" ] && printf '%s' "\${1##*/}" || printf '%s' "$1"
}

login() {
  say user "$(id -un)"
  say uid "$(id -u)"
  # shellcheck disable=SC2046 # a group each
  say groups $(id -Gn)
  say home "$HOME"
  say shell "\${SHELL:-}"
  say machine "$(uname -sm)"
  # shellcheck disable=SC1091
  say os "$(. /etc/os-release 2>/dev/null && printf '%s' "\${PRETTY_NAME:-}")"
  for command in flock setsid nohup timeout; do
    command -v "$command" >/dev/null 2>&1 && say has "$command"
  done
}

# logind may end what a login leaves behind (KillUserProcesses): only inside a session of its own making.
leftovers() {
  grep -q 'session-[^/]*\\.scope' /proc/self/cgroup 2>/dev/null || return 0
  [ "$(logind KillUserProcesses)" = 'b true' ] || return 0
  say kill.only "$(logind KillOnlyUsers)"
  say kill.exclude "$(logind KillExcludeUsers)"
  [ "$(limited loginctl show-user "$(id -un)" --property=Linger --value 2>/dev/null)" = yes ] &&
    escape systemd-run --user --scope --quiet
  escape sudo -n systemd-run --scope --quiet --uid="$(id -u)" --gid="$(id -g)"
}

logind() {
  limited busctl get-property org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager "$1" 2>/dev/null
}

# escape WORD...: a command that takes another out of the session, if it does.
escape() {
  limited "$@" true >/dev/null 2>&1 && say escape "$@"
}

# The fields that are needed, one by one: asked for everything, docker starts each of its plugins.
fields='{"version":{{json .ServerVersion}},"os":{{json .OSType}},"architecture":{{json .Architecture}},"root":{{json .DockerRootDir}},"driver":{{json .DriverStatus}}}'

# reached WORD...: an engine answers to this client; \`$engine\` is what it says of itself.
reached() {
  engine=$(limited "$@" info --format "$fields" 2>/dev/null)
  case $engine in '{"version":"'[0-9]*) return 0 ;; *) return 1 ;; esac
}

# Rootless engines are found by a variable that rc files set, or by a context; this is where they listen.
sockets() {
  for socket in "\${XDG_RUNTIME_DIR:-}/docker.sock" "/run/user/$(id -u)/docker.sock" "$HOME/.docker/run/docker.sock" "$HOME/.docker/desktop/docker.sock"; do
    [ -S "$socket" ] && printf '%s\\n' "$socket"
  done
}

# try CLIENT: how this client may reach an engine, the first that does; then all that depends on it.
try() {
  client=$(named "$1")
  reached "$client" && found "$1" "$client" && return 0
  for socket in $(sockets); do
    reached "$client" -H "unix://$socket" && found "$1" "$client" -H "unix://$socket" && return 0
  done
  command -v sudo >/dev/null 2>&1 && reached sudo -n "$1" && found "$1" sudo -n "$1"
}

# found CLIENT WORD...
found() {
  shift
  say docker "$@"
  say engine "$engine"
  say endpoint "$(limited "$@" context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null)"
  root=$(printf '%s' "$engine" | sed 's/.*"root":"\\([^"]*\\)".*/\\1/')
  say free "$(free_at "$root")" "$(free_at /var/lib/containerd)"
  plugin "$@" || standalone "$@"
  return 0
}

# Kilobytes free.
free_at() {
  [ ! -d "$1" ] || df -Pk "$1" 2>/dev/null | {
    read -r _
    read -r _ _ _ free _ && printf '%s' "$free"
  }
}

plugin() {
  version=$(limited "$@" compose version --short 2>/dev/null)
  case $version in v[0-9]* | [0-9]*) ;; *) return 1 ;; esac
  say compose "$@" compose
  say compose.version "$version"
}

# Every one until the first v2: the name does not tell, and v1 takes its time.
standalone() {
  for program in $(composes); do
    case $1 in
      sudo) set -- sudo -n "$program" ;;
      *) name=$(named "$program") && shift && set -- "$name" "$@" ;;
    esac
    version=$(limited "$@" version --short 2>/dev/null)
    case $version in v[0-9]* | [0-9]*) ;; *) say compose.refused "$*" && continue ;; esac
    say compose "$@"
    say compose.version "$version"
    case $version in v1.* | 1.*) ;; *) return 0 ;; esac
  done
}

# Nobody could reach an engine: what each way says.
missing() {
  client=$(clients | head -n 1)
  [ -n "$client" ] || return 0
  say client "$client" "$("$client" --version 2>/dev/null)"
  tell direct "$client" version --format '{{.Server.Version}}'
  tell sudo sudo -n "$client" version --format '{{.Server.Version}}'
}

probe() {
  # shellcheck disable=SC2034 # answer.sh reads it: a dead engine is asked in several ways
  limit=8
  login
  leftovers
  for candidate in $(clients); do
    try "$candidate" && return 0
  done
  missing
}

answer probe
`;

// src/deploy/tools.ts
var question = { script: probe_default, args: [], patience: 9e4 };
async function findTools(run2) {
  const answer = await ask2(run2, question);
  return isProblem2(answer) ? [answer] : parseTools(answer);
}
var isV1 = ({ composeVersion }) => composeVersion.startsWith("1.");
function parseTools(answer) {
  const login2 = parseLogin(answer);
  if (!answer.has("docker")) return [noEngine(answer, login2)];
  const engine = JSON.parse(answer.text("engine"));
  if (engine.os !== "linux") return [windowsEngine(engine)];
  const compose = chooseCompose(answer);
  return compose === void 0 ? [noCompose(answer, engine, login2)] : toolsOf(answer, login2, engine, compose);
}
function toolsOf(answer, login2, engine, compose) {
  const free = answer.lines("free").map((kilobytes) => Number(kilobytes) * 1024);
  const store = engine.driver?.some(([, value]) => value === "io.containerd.snapshotter.v1");
  return {
    docker: answer.lines("docker"),
    engineVersion: engine.version,
    ...compose,
    platform: `linux/${architecture2(engine.architecture)}`,
    endpoint: answer.text("endpoint"),
    imageStore: store === true ? "containerd" : "classic",
    dockerRoot: engine.root,
    freeBytes: free.length === 0 ? void 0 : Math.min(...free),
    os: answer.text("os"),
    login: login2,
    has: commands(answer),
    killsLeftovers: endsLeftovers(answer, login2.user),
    escape: answer.has("escape") ? answer.lines("escape") : void 0
  };
}
var parseLogin = (answer) => ({
  user: answer.text("user"),
  uid: Number(answer.text("uid")),
  groups: answer.text("groups").split(" "),
  home: answer.text("home"),
  shell: answer.text("shell")
});
function commands(answer) {
  const found = answer.sections.filter(({ name: name2 }) => name2 === "has").flatMap(({ lines: lines2 }) => lines2);
  const has = (command) => found.includes(command);
  return { flock: has("flock"), setsid: has("setsid"), nohup: has("nohup"), timeout: has("timeout") };
}
var architectures3 = {
  x86_64: "amd64",
  aarch64: "arm64",
  armv8l: "arm/v7",
  armv7l: "arm/v7",
  armv6l: "arm/v6",
  i386: "386",
  i686: "386"
};
var architecture2 = (machine) => architectures3[machine] ?? machine;
function chooseCompose({ sections }) {
  const found = sections.flatMap(
    (section, index) => section.name === "compose" ? [{ words: section.lines, version: sections[index + 1]?.lines[0] ?? "" }] : []
  );
  const versions = found.map(({ words, version }) => ({
    compose: words,
    composeVersion: /\d+\.\d+\.\d+/.exec(version)?.[0] ?? version
  }));
  return versions.find(({ composeVersion }) => !composeVersion.startsWith("1.")) ?? versions[0];
}
function endsLeftovers(answer, user) {
  const only = answer.text("kill.only");
  const names3 = (list5) => [...list5.matchAll(/"([^"]*)"/g)].map(([, name2]) => name2);
  const meant2 = names3(only).length === 0 || names3(only).includes(user);
  return answer.has("kill.only") && meant2 && !names3(answer.text("kill.exclude")).includes(user);
}
function noEngine(answer, { user }) {
  const [client, name2 = ""] = answer.lines("client");
  const said = answer.text("direct.error");
  if (client === void 0) return noDocker;
  if (/podman/i.test(name2)) return podman2(name2);
  if (/permission denied/i.test(said)) return forbidden2(user, said);
  return {
    cause: `No docker engine answers \`${user}\` on the server.`,
    remedy: "Start it there (`sudo systemctl enable --now docker`); for a rootless engine, check that it runs as this user.",
    output: lastLines(said)
  };
}
var noDocker = {
  cause: "There is no docker on the server: neither on the PATH of the login, nor in /usr/local/bin, /usr/bin, /snap/bin, ~/bin or ~/.local/bin.",
  remedy: "Install Docker Engine there: https://docs.docker.com/engine/install/"
};
var podman2 = (name2) => ({
  cause: `\`docker\` on the server is Podman (\`${name2}\`), whose Compose does not keep what a deploy relies on.`,
  remedy: "Install Docker Engine there: https://docs.docker.com/engine/install/"
});
var forbidden2 = (user, said) => ({
  cause: `\`${user}\` may not use docker on the server, and \`sudo -n docker\` does not work either.`,
  remedy: `Run \`sudo usermod -aG docker ${user}\` there; it holds from the next login on.`,
  output: lastLines(said)
});
var windowsEngine = ({ os: os6 }) => ({
  cause: `The docker engine on the server runs ${os6} containers.`,
  remedy: "Deploy to an engine that runs Linux containers."
});
function noCompose(answer, { version }, { user }) {
  const refused2 = answer.sections.filter(({ name: name2 }) => name2 === "compose.refused").flatMap(({ lines: lines2 }) => lines2);
  const bySudo = refused2.find((words) => words.startsWith("sudo "));
  if (bySudo !== void 0) return forbiddenCompose(user, bySudo);
  return {
    cause: `There is docker ${version} on the server, but no Compose: neither \`docker compose\` nor \`docker-compose\`.`,
    remedy: "Install its plugin there: `sudo apt-get install docker-compose-plugin` (Docker’s packages), `docker-compose-v2` (Ubuntu’s) or `docker-compose` (Debian’s)."
  };
}
var forbiddenCompose = (user, words) => ({
  cause: `\`${user}\` uses docker by \`sudo -n\` on the server, and \`${words}\` does not work.`,
  remedy: `Allow it in /etc/sudoers.d beside docker, or run \`sudo usermod -aG docker ${user}\` there.`
});

// src/deploy/variables.ts
var nameAt = /[A-Za-z_][A-Za-z0-9_]*/y;
function variablesOf(template) {
  const seen = /* @__PURE__ */ new Set();
  interpolate(template, (name2) => {
    seen.add(name2);
    return void 0;
  });
  return [...seen];
}
function interpolate(template, lookup2) {
  const { text: text5 } = walk(template, 0, lookup2, false);
  return text5;
}
function walk(template, start, lookup2, inBraces) {
  let text5 = "";
  let at2 = start;
  while (at2 < template.length && !(inBraces && template[at2] === "}")) {
    const found = template[at2] === "$" ? variable2(template, at2 + 1, lookup2) : void 0;
    text5 += found?.text ?? template[at2];
    at2 = found?.end ?? at2 + 1;
  }
  return { text: text5, end: at2 };
}
function variable2(template, at2, lookup2) {
  if (template[at2] === "$") return { text: "$", end: at2 + 1 };
  const braced = template[at2] === "{";
  nameAt.lastIndex = braced ? at2 + 1 : at2;
  const name2 = nameAt.exec(template)?.[0];
  if (name2 === void 0) return void 0;
  const end = (braced ? at2 + 1 : at2) + name2.length;
  if (!braced) return { text: lookup2(name2) ?? "", end };
  return withDefault(template, end, name2, lookup2);
}
function withDefault(template, at2, name2, lookup2) {
  const operator = /^:?[-?+]/.exec(template.slice(at2, at2 + 2))?.[0] ?? "";
  const other = walk(template, at2 + operator.length, lookup2, true);
  return { text: choose(operator, lookup2(name2), other.text), end: other.end + 1 };
}
function choose(operator, value, other) {
  const set = operator.startsWith(":") ? value !== void 0 && value !== "" : value !== void 0;
  if (operator.endsWith("-")) return set ? value ?? "" : other;
  if (operator.endsWith("+")) return set ? other : "";
  return value ?? "";
}
var assignment = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*(?:'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|([^\n]*))/gm;
function readEnvFile(text5) {
  return new Map(
    [...text5.matchAll(assignment)].map(([, name2 = "", single, double, bare = ""]) => [
      name2,
      single ?? double?.replace(/\\(["\\$])/g, "$1") ?? bare.replace(/(?:^|\s)#.*$/, "").trim()
    ])
  );
}

// src/deploy/preflight-files.ts
var main = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
var mainV1 = ["docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml"];
var override = /^(?:docker-)?compose\.override\.ya?ml$/;
function composeFilesOf(answer, plan, tools) {
  const directory = answer.text("directory");
  const given2 = plan.composeFiles.length > 0 ? plan.composeFiles : listedFiles(answer);
  if (given2.length > 0) return given2.map((file) => import_node_path7.posix.resolve(directory, file));
  const found = filesFound(answer);
  const names3 = isV1(tools) ? mainV1 : main;
  const first = names3.map((name2) => found.find((file) => import_node_path7.posix.basename(file) === name2)).find((file) => file !== void 0);
  return first === void 0 ? [] : [first, ...found.filter((file) => overrides(file, first)).slice(0, 1)];
}
var filesFound = (answer) => answer.sections.filter(({ name: name2 }) => name2 === "file").flatMap(({ lines: lines2 }) => lines2);
var overrides = (file, first) => override.test(import_node_path7.posix.basename(file)) && import_node_path7.posix.dirname(file) === import_node_path7.posix.dirname(first);
function composeVariable(answer, name2) {
  const [line] = answer.lines("environment.compose").filter((each2) => each2.startsWith(`${name2}=`));
  const value = line?.slice(name2.length + 1) ?? readEnvFile(answer.text("env")).get(name2);
  return value === "" ? void 0 : value;
}
var foundHere = (answer, { composeFiles }) => composeFiles.length === 0 && listedFiles(answer).length === 0;
function listedFiles(answer) {
  const separator = composeVariable(answer, "COMPOSE_PATH_SEPARATOR") ?? ":";
  return composeVariable(answer, "COMPOSE_FILE")?.split(separator).filter(Boolean) ?? [];
}
function warnOfFiles(answer, { composeFiles }, { warnings }) {
  if (composeFiles.length === 0) return;
  const given2 = composeFiles.map((file) => import_node_path7.posix.resolve(answer.text("directory"), file));
  const dropped = filesFound(answer).filter(
    (file) => override.test(import_node_path7.posix.basename(file)) && !given2.includes(file)
  );
  const listed = listedFiles(answer);
  if (dropped.length > 0) {
    warnings.push(
      `\`compose-files\` leaves out ${dropped.map((file) => `\`${import_node_path7.posix.basename(file)}\``).join(", ")}, which a plain \`docker compose up\` on the server takes: name it too, or leave \`compose-files\` empty.`
    );
  }
  if (listed.length > 0) {
    warnings.push(
      `\`compose-files\` takes the place of \`COMPOSE_FILE\` (\`${listed.join(":")}\`), which a plain \`docker compose up\` on the server goes by: leave \`compose-files\` empty to use it.`
    );
  }
}

// src/deploy/preflight-problems.ts
function missingDirectory(answer, { projectDirectory }) {
  const nearest2 = answer.text("nearest");
  const nearby = answer.lines("nearby");
  if (answer.has("forbidden")) {
    return {
      input: "project-directory",
      cause: `\`project-directory\` is \`${projectDirectory}\`, which the login may not enter on the server.`,
      remedy: `Let its group in, or change its owner: \`sudo chown -R USER ${projectDirectory}\`.`
    };
  }
  return {
    input: "project-directory",
    cause: `\`project-directory\` is \`${projectDirectory}\`, which is not there on the server.`,
    remedy: `The closest that is there is \`${nearest2}\`; it ${holds(nearby)}.`
  };
}
var holds = (names3) => names3.length === 0 ? "is empty" : `holds ${names3.map((name2) => `\`${name2}\``).join(", ")}`;
function configProblem(answer, plan) {
  const output = withoutValues(lastLines(answer.text("config.error")), answer);
  const given2 = plan.composeFiles.length > 0;
  if (!given2 && filesFound(answer).length === 0 && /no configuration file|find a suitable/i.test(output)) {
    return {
      input: "project-directory",
      cause: `There is no compose file in \`${answer.text("directory")}\` on the server, nor above it.`,
      remedy: `Put a compose.yaml there, or name the files in \`compose-files\`; the directory ${holds(answer.lines("listing"))}.`
    };
  }
  const missing4 = /(?:open|stat) (\S+): no such file|No such file or directory: '([^']+)'/.exec(output);
  const file = missing4?.[1] ?? missing4?.[2];
  if (given2 && file !== void 0) return missingFile(file, answer);
  return {
    ...given2 ? { input: "compose-files" } : {},
    cause: `Compose does not take the project in \`${answer.text("directory")}\` on the server.`,
    remedy: "Mend what it names; `docker compose config --quiet` in that directory tells when it is right.",
    output
  };
}
var missingFile = (file, answer) => ({
  input: "compose-files",
  cause: `\`compose-files\` names \`${file}\`, which is not there on the server.`,
  remedy: `Paths are relative to \`project-directory\`, which ${holds(answer.lines("listing"))}.`
});
function withoutValues(text5, answer) {
  const values = [...readEnvFile(answer.text("env")).values()].filter((value) => value.length > 3);
  return values.sort((one2, other) => other.length - one2.length).reduce((shown2, value) => shown2.replaceAll(value, "***"), text5);
}

// src/deploy/server/project.sh
var project_default = `# What the Compose project is. Needs answer.sh.
# Arguments: the project directory, \`v1\` or \`v2\`, the directory of the first file where files are given (else
# empty), and the words of a Compose call.

# The closest directory above that there is, and the directories in it.
nearest() {
  path=$1
  until [ -d "$path" ]; do path=$(dirname -- "$path"); done
  cd -- "$path" 2>/dev/null || return
  say nearest "$(pwd)"
  say nearby "$(for entry in */; do [ ! -d "$entry" ] || printf '%s\\n' "$entry"; done | head -n 20)"
}

# Compose looks for its files in this directory, then in those above; \`$base\` is where it found them.
files_above() {
  above=$(pwd)
  until found_in "\${above%/}"; do
    [ "$above" != / ] || return
    above=$(dirname -- "$above")
  done
  base=$above
}

found_in() {
  set -- "$1/compose.yaml" "$1/compose.yml" "$1/docker-compose.yml" "$1/docker-compose.yaml" \\
    "$1/compose.override.yaml" "$1/compose.override.yml" "$1/docker-compose.override.yml" "$1/docker-compose.override.yaml"
  for file in "$@"; do
    [ ! -f "$file" ] || say file "$file"
  done
  [ -f "$1" ] || [ -f "$2" ] || [ -f "$3" ] || [ -f "$4" ]
}

# The variables that can decide an image, and where they come from. Of the environment the names alone, but for
# Compose's own.
variables() {
  say environment.names "$(env | sed -n 's/^\\([A-Za-z_][A-Za-z0-9_]*\\)=.*/\\1/p')"
  say environment.compose "$(env | grep -E '^COMPOSE_(FILE|PATH_SEPARATOR|PROJECT_NAME|PROFILES|ENV_FILES|DISABLE_ENV_FILE)=')"
  [ -f "$1/.env" ] && say env.file "$(cd -- "$1" && pwd)/.env" && tell env cat "$1/.env"
}

# configuration GENERATION WORD...: resolved, then as it was written.
configuration() {
  generation=$1
  shift
  case $generation in
    v2)
      tell config "$@" --profile '*' config --format json
      written "$@" --profile '*' config --no-interpolate --format json || raw_files "$@"
      tell hash "$@" --profile '*' config --hash '*'
      ;;
    *)
      tell config "$@" config
      written "$@" config --no-interpolate || raw_files "$@"
      tell hash "$@" config --hash '*'
      ;;
  esac
}

written() {
  template=$(limited "$@" 2>/dev/null) && say template "$template"
}

# v1 wants a number where a variable stands for one, and refuses; then the files themselves have to do.
raw_files() {
  before=
  for word in "$@"; do
    case $before$word in
      -f/*) say "raw.$word" "$(cat "$word")" ;;
      -f*) say "raw.$(pwd)/$word" "$(cat "$word")" ;;
    esac
    before=
    [ "$word" != -f ] || before=-f
  done
  for file in "\${base:-.}"/*compose*.y*ml; do
    [ ! -f "$file" ] || say "raw.$file" "$(cat "$file")"
  done
}

project() {
  directory=$1 generation=$2 base=$3
  shift 3
  unset CDPATH
  if ! cd -- "$directory" 2>/dev/null; then
    [ -d "$directory" ] && say forbidden
    nearest "$directory"
    return
  fi
  say directory "$(pwd)"
  [ -w . ] && say writable
  say listing "$(for entry in *; do [ ! -e "$entry" ] || printf '%s\\n' "$entry"; done | head -n 20)"
  given=$base
  files_above
  variables "\${given:-\${base:-.}}"
  configuration "$generation" "$@"
}

answer project "$@"
`;

// src/deploy/preflight-project.ts
var composeWords = (tools, plan, files) => [
  ...tools.compose,
  ...plan.projectName === void 0 ? [] : ["-p", plan.projectName],
  ...files.flatMap((file) => ["-f", file])
];
function projectQuestion(tools, plan) {
  const [first] = plan.composeFiles;
  const base = first === void 0 ? "" : import_node_path8.posix.dirname(first);
  const words = composeWords(tools, plan, plan.composeFiles);
  const args = [plan.projectDirectory, isV1(tools) ? "v1" : "v2", base, ...words];
  return { script: project_default, args, patience: 6e4 };
}
async function readProject(run2, tools, plan, findings) {
  const answer = await ask2(run2, projectQuestion(tools, plan));
  const reading = isProblem2(answer) ? answer : await parseProject(answer, tools, plan);
  if (!isProblem2(answer)) warnOfFiles(answer, plan, findings);
  if (!isProblem2(reading)) return reading;
  findings.problems.push(reading);
  return void 0;
}
async function findDirectory(run2, plan, findings) {
  const nothing = { compose: ["false"], composeVersion: "" };
  const answer = await ask2(run2, projectQuestion(nothing, plan));
  if (!isProblem2(answer) && !answer.has("directory")) findings.problems.push(missingDirectory(answer, plan));
}
async function parseProject(answer, tools, plan) {
  if (!answer.has("directory")) return missingDirectory(answer, plan);
  const config = answer.text("config.code") === "0" ? await readComposeConfig(answer.text("config")) : void 0;
  if (config === void 0) return configProblem(answer, plan);
  const templates = await templatesOf(answer, composeFilesOf(answer, plan, tools));
  return {
    project: projectOf(answer, config, templates, tools, plan),
    config,
    templates,
    hashes: hashesOf(answer)
  };
}
async function templatesOf(answer, files) {
  const texts = answer.has("template") ? [answer.text("template")] : files.map((file) => answer.text(`raw.${file}`));
  const written = await Promise.all(texts.map(readComposeConfig));
  return Object.fromEntries(
    written.flatMap((config) => Object.entries(config?.services ?? {})).flatMap(([name2, { image }]) => image === void 0 ? [] : [[name2, image]])
  );
}
function projectOf(answer, config, templates, tools, plan) {
  const composeFiles = composeFilesOf(answer, plan, tools);
  const base = import_node_path8.posix.dirname(composeFiles[0] ?? `${answer.text("directory")}/compose.yaml`);
  const directory = foundHere(answer, plan) ? base : answer.text("directory");
  return {
    name: config.name ?? nameOf(answer, plan, base),
    givenName: plan.projectName,
    directory,
    base,
    writable: answer.has("writable"),
    files: plan.composeFiles.map((file) => import_node_path8.posix.resolve(directory, file)),
    composeFiles,
    envFile: envFileOf(answer),
    variables: variablesIn(answer, templates)
  };
}
function nameOf(answer, plan, base) {
  const name2 = plan.projectName ?? composeVariable(answer, "COMPOSE_PROJECT_NAME") ?? import_node_path8.posix.basename(base);
  return name2.toLowerCase().replace(/[^-_a-z0-9]/g, "");
}
function envFileOf(answer) {
  const elsewhere2 = ["COMPOSE_ENV_FILES", "COMPOSE_DISABLE_ENV_FILE"].some(
    (name2) => composeVariable(answer, name2) !== void 0
  );
  return answer.has("env.file") && !elsewhere2 ? answer.text("env.file") : void 0;
}
function variablesIn(answer, templates) {
  const environment = new Set(answer.lines("environment.names"));
  const file = readEnvFile(answer.text("env"));
  const mentions = Object.entries(templates).map(([service, image]) => ({
    service,
    names: variablesOf(image)
  }));
  return [...new Set(mentions.flatMap(({ names: names3 }) => names3))].map((name2) => ({
    name: name2,
    from: environment.has(name2) ? "environment" : file.has(name2) ? "env-file" : void 0,
    value: file.get(name2),
    services: mentions.filter(({ names: names3 }) => names3.includes(name2)).map(({ service }) => service)
  }));
}
var hashesOf = (answer) => answer.text("hash.code") === "0" ? Object.fromEntries(
  answer.lines("hash").flatMap((line) => /^(\S+) ([0-9a-f]{64})$/.test(line) ? [line.split(" ")] : [])
) : {};

// src/deploy/preflight-platform.ts
function fits(wanted, built) {
  const accepted = family(canonical(wanted));
  return built.some((platform2) => accepted.includes(canonical(platform2)));
}
var canonical = (platform2) => normalize(platform2).replace(/\/arm$/, "/arm/v7").replace(/\/arm64\/v8$/, "/arm64").replace(/\/amd64\/v1$/, "/amd64");
var families = [
  ["amd64/v4", "amd64/v3", "amd64/v2", "amd64", "386"],
  ["arm64", "arm/v8", "arm/v7", "arm/v6", "arm/v5"]
];
function family(platform2) {
  const slash = platform2.indexOf("/");
  const [system, own] = [platform2.slice(0, slash), platform2.slice(slash + 1)];
  const members = families.find((each2) => each2.includes(own)) ?? [own];
  return members.slice(members.indexOf(own)).map((each2) => `${system}/${each2}`);
}

// src/deploy/preflight-solve.ts
var lookup = (variables, envSet) => (name2) => envSet[name2] ?? variables.find((variable4) => variable4.name === name2)?.value;
function findPushed(text5, pushed) {
  const reference = parseReference(text5);
  if ("reason" in reference || reference.digest !== void 0) return void 0;
  return pushed.find((each2) => sameRepository(each2, reference) && tagOf2(each2) === tagOf2(reference));
}
var tagOf2 = ({ tag = "latest" }) => tag;
function solve({ template }, { variables, envFile }, pushed, services, envSet) {
  if (template === void 0 || envFile === void 0) return {};
  const settable = (name2) => !(name2 in envSet) && isSettable(name2, variables, services);
  const lines2 = variablesOf(template).filter(settable).reverse().flatMap(
    (name2) => pushed.flatMap((reference) => linesFor(name2, template, reference, lookup(variables, envSet)))
  );
  return lines2[0] ?? {};
}
var isSettable = (name2, variables, services) => variables.some(
  (variable4) => variable4.name === name2 && variable4.from === "env-file" && variable4.services.every((service) => services.includes(service))
);
function linesFor(name2, template, reference, current) {
  const spelt = interpolate(template, (each2) => each2 === name2 ? hole : current(each2));
  const [before = "", ...rest] = spelt.split(hole);
  return [familiar(reference), `${repositoryName(reference)}:${tagOf2(reference)}`].map((text5) => between(text5, before, rest.at(-1) ?? "")).filter((value) => value !== void 0).filter((value) => findPushed(spelt.replaceAll(hole, value), [reference]) !== void 0).map((value) => ({ [name2]: value }));
}
var hole = "\0";
function between(text5, before, after2) {
  const fits2 = text5.startsWith(before) && text5.endsWith(after2) && text5.length > before.length + after2.length;
  return fits2 ? text5.slice(before.length, text5.length - after2.length) : void 0;
}

// src/deploy/preflight-unpinned.ts
function unpinnable(service, project) {
  const { name: name2, reference, builds } = service;
  if (reference === "") {
    return {
      input: "service",
      cause: `The service \`${name2}\` declares no \`image\`${builds ? ", only a `build`" : ""}: there is nothing to run what is pushed under.`,
      remedy: "Give it an `image:` with one of the tags that are pushed."
    };
  }
  const parsed2 = parseReference(reference);
  if ("reason" in parsed2) return noReference(service, project, parsed2);
  if (parsed2.digest === void 0) return void 0;
  return {
    cause: `The service \`${name2}\` declares the image \`${reference}\`: pinned to a digest, it can never run another.`,
    remedy: "Leave the digest out; what runs is pinned to the digest that is pushed, under its tag."
  };
}
function noReference(service, project, { reason, remedy }) {
  const { name: name2, reference } = service;
  const unset = variablesIn2(service, project).find(({ from }) => from === void 0);
  if (unset === void 0) {
    return { cause: `The service \`${name2}\` declares the image \`${reference}\`: ${reason}.`, remedy };
  }
  return {
    cause: `The service \`${name2}\` declares the image \`${service.template}\`, and \`${unset.name}\` is not set.`,
    remedy: `Set it in the \`.env\` file of the project: \`echo ${unset.name}=TAG >>${project.base}/.env\`.`
  };
}
function notPushed(service, project, pushed) {
  const { name: name2, reference } = service;
  const cause = `The service \`${name2}\` declares the image \`${reference}\`, which is not among those that are pushed (${list3(pushed.map(familiar))}): nothing would change.`;
  const parsed2 = parseReference(reference);
  const own = "reason" in parsed2 ? [] : pushed.filter((each2) => sameRepository(each2, parsed2));
  const [first] = own.length > 0 ? own : pushed;
  if ("reason" in parsed2 || first === void 0 || own.length === 0) {
    const example = first === void 0 ? "" : `: \`image: ${familiar(first)}\``;
    return { input: "image", cause, remedy: `Let it declare one of them${example}.` };
  }
  const add = `Add \`${tagOf2(parsed2)}\` to \`tags\``;
  return { input: "tags", cause, remedy: `${add}, ${otherwise(service, project, first)}.` };
}
function otherwise(service, project, first) {
  const decided = variablesIn2(service, project).at(-1);
  if (decided === void 0) return `or let the service declare \`${familiar(first)}\``;
  const { name: name2, from, services } = decided;
  if (from === "environment") {
    return `or change \`${name2}\`, which decides the image and is set by the environment of the login`;
  }
  const others = services.filter((each2) => each2 !== service.name);
  const why = others.length === 0 ? "" : ` (which is not done for you, as it decides the image of ${list3(others)} too)`;
  return `or set \`${name2}\`, which decides the image, in the \`.env\` file of the project${why}`;
}
var variablesIn2 = ({ template = "" }, { variables }) => variablesOf(template).flatMap((name2) => variables.filter((variable4) => variable4.name === name2));
var list3 = (names3) => names3.map((name2) => `\`${name2}\``).join(", ");

// src/deploy/preflight-reference.ts
function pinServices(services, project, pushed) {
  const envSet = {};
  const names3 = services.map(({ name: name2 }) => name2);
  for (const service of services) {
    const declared2 = declaredBy(service, project, envSet);
    const known = findPushed(declared2, pushed) !== void 0;
    if (!known) Object.assign(envSet, solve(service, project, pushed, names3, envSet));
  }
  const pins = [];
  const problems = [];
  for (const service of services) {
    const pin = pinOf(service, declaredBy(service, project, envSet), project, pushed);
    if ("cause" in pin) problems.push(pin);
    else pins.push(pin);
  }
  return { pins, problems, envSet };
}
function pinOf(service, reference, project, pushed) {
  const match = findPushed(reference, pushed);
  if (match !== void 0) return { service: service.name, reference, pushed: match };
  return unpinnable(service, project) ?? notPushed(service, project, pushed);
}
function declaredBy({ reference, template }, { variables }, envSet) {
  const decided = template !== void 0 && variablesOf(template).some((name2) => name2 in envSet);
  return decided ? interpolate(template, lookup(variables, envSet)) : reference;
}

// src/deploy/preflight-state.ts
function stateProblems({ project, tools }, envSet) {
  const { directory, stateWritable, writable, envFile } = project;
  const { user } = tools.login;
  const state = `${directory}/.slipway`;
  const problems = [];
  if (!stateWritable) {
    problems.push({
      cause: `\`${user}\` may not write \`${state}\` on the server, where the lock, the record and the history of the deploys are kept.`,
      remedy: `Run \`sudo install -d -o ${user} -m 2770 ${state}\` there; for several users, give it a group that they share.`
    });
  }
  if (!writable && Object.keys(envSet).length > 0) {
    problems.push({
      cause: `\`${user}\` may not write in \`${directory}\` on the server, and \`${envFile}\` decides the image.`,
      remedy: `Give the directory to \`${user}\`, or to a group that may write there.`
    });
  }
  return problems;
}

// src/deploy/preflight-warnings.ts
function warnOfServer(tools, size2 = 0) {
  const { freeBytes, killsLeftovers, login: login2 } = tools;
  const need = size2 * unpacked + margin;
  return [
    ...freeBytes !== void 0 && freeBytes < need && size2 < freeBytes ? [
      `The server has ${megabytes(freeBytes)} free for images (${tools.dockerRoot}), which may be too little.`
    ] : [],
    ...killsLeftovers && tools.escape === void 0 ? [
      `The server ends what a login leaves behind (\`KillUserProcesses=yes\`), so a deploy ends half-way when the connection drops: \`sudo loginctl enable-linger ${login2.user}\` there lets it finish.`
    ] : []
  ];
}
var unpacked = 3.5;
var margin = 1e8;
var warnOfServices = (services, project, envSet) => services.flatMap((service) => warnOfService(service, project, envSet));
function warnOfService(service, project, envSet) {
  const { name: name2, pullPolicy, sideCars, containers, replicas: replicas2 } = service;
  const policy = pullPolicy === void 0 ? void 0 : policies[pullPolicy.replace(/_.*/, "")];
  const running = containers.filter(({ state }) => state === "running").length;
  return [
    ...policy === void 0 ? [] : [`The service \`${name2}\` has \`pull_policy: ${pullPolicy}\`: ${policy}`],
    ...overridden(service, project).map(
      (variable4) => `\`${variable4}\`, which decides the image of \`${name2}\`, comes from the environment of the login: another login, or the server itself, may see another value.`
    ),
    ...sideCars.map(
      (other) => `\`${other}\` lives in the network of \`${name2}\` and loses it when that is recreated: \`docker compose up -d --force-recreate ${other}\` afterwards.`
    ),
    ...running > 1 && running !== replicas2 ? [`\`${name2}\` runs ${running} times, and its file asks for ${replicas2}: the ${running} are kept.`] : [],
    ...Object.entries(envSet).filter(([variable4]) => variablesOf(service.template ?? "").includes(variable4)).map(
      ([variable4, value]) => `\`${variable4}\` in \`${project.envFile}\` becomes \`${value}\`, as it decides the image of \`${name2}\`.`
    )
  ];
}
var policies = {
  always: "a later `docker compose up -d` asks the registry, and may run another release.",
  every: "a later `docker compose up -d` may ask the registry, and run another release.",
  daily: "a later `docker compose up -d` may ask the registry, and run another release.",
  weekly: "a later `docker compose up -d` may ask the registry, and run another release.",
  build: "a later `docker compose up -d` builds there, and replaces the release by that."
};
var overridden = ({ template }, { variables }) => variablesOf(template ?? "").filter(
  (name2) => variables.some((variable4) => variable4.name === name2 && variable4.from === "environment")
);

// src/deploy/preflight-release.ts
function checkRelease(facts, release2) {
  const { pins, envSet, problems } = pinServices(facts.services, facts.project, release2.references);
  return {
    pins,
    envSet,
    findings: {
      problems: [
        ...problems,
        ...platformProblems(facts, release2),
        ...diskProblems(facts.tools, release2),
        ...stateProblems(facts, envSet)
      ],
      warnings: [
        ...warnOfServer(facts.tools, release2.size),
        ...warnOfServices(facts.services, facts.project, envSet)
      ]
    }
  };
}
function checkRollback(facts) {
  const { services, project, tools } = facts;
  const problems = services.map((service) => unpinnable(service, project)).filter((problem2) => problem2 !== void 0);
  const warnings = [...warnOfServer(tools, void 0), ...warnOfServices(services, project, {})];
  const pins = services.flatMap(({ name: name2, reference }) => {
    const pushed = parseReference(reference);
    return "reason" in pushed ? [] : [{ service: name2, reference, pushed }];
  });
  return { pins, envSet: {}, findings: { problems: [...problems, ...stateProblems(facts, {})], warnings } };
}
function platformProblems({ tools, services }, { platforms: platforms2 }) {
  if (platforms2.length === 0) return [];
  return services.filter(({ platform: platform2 }) => !fits(platform2 ?? tools.platform, platforms2)).map((service) => platformProblem(service, tools, platforms2)).filter((problem2, index, all) => all.findIndex(({ cause }) => cause === problem2.cause) === index);
}
function platformProblem({ name: name2, platform: platform2 }, tools, platforms2) {
  const wanted = platform2 ?? tools.platform;
  const who = platform2 === void 0 ? "The server is" : `The service \`${name2}\` asks for`;
  return {
    input: "platforms",
    cause: `${who} \`${wanted}\`, and the image is built for ${platforms2.map((each2) => `\`${each2}\``).join(", ")} only.`,
    remedy: `Add \`${wanted}\` to \`platforms\`.`
  };
}
function diskProblems({ freeBytes, dockerRoot }, { size: size2 }) {
  if (freeBytes === void 0 || size2 === void 0 || size2 < freeBytes) return [];
  return [
    {
      cause: `The server has ${megabytes(freeBytes)} free for images (${dockerRoot}), and the image takes ${megabytes(size2)} before it is unpacked.`,
      remedy: "Make room there: `docker system df` shows what takes it, `docker image prune` removes what nothing uses."
    }
  ];
}
var megabytes = (bytes2) => `${Math.ceil(bytes2 / 1e6)} MB`;

// src/deploy/preflight-services.ts
var import_node_path9 = require("node:path");
function missingServices({ config, project }, plan) {
  const names3 = Object.keys(config.services);
  return plan.services.filter((name2) => !names3.includes(name2)).map((name2) => missingService(name2, names3, project));
}
function missingService(name2, names3, { composeFiles }) {
  const close2 = nearest(name2, names3);
  const files = composeFiles.map((file) => `\`${file}\``).join(", ") || "the compose file on the server";
  const list5 = names3.map((each2) => `\`${each2}\``).join(", ");
  return {
    input: "service",
    cause: `\`service\` is \`${name2}\`, which ${files} does not have.`,
    remedy: `${close2 === void 0 ? "Name one of its services" : `Is \`${close2}\` meant? It has`}: ${list5}.`
  };
}
var servicesOf = (reading, { containers }, plan) => plan.services.flatMap((name2) => {
  const declared2 = reading.config.services[name2];
  if (declared2 === void 0) return [];
  const own = containers.filter(({ service }) => service === name2);
  return [serviceOf(name2, declared2, reading, own)];
});
function serviceOf(name2, declared2, reading, containers) {
  const { image, livesIn: _, waitsForEnd: __, healthcheck: healthcheck2, ...rest } = declared2;
  return {
    name: name2,
    reference: image ?? "",
    template: reading.templates[name2],
    ...rest,
    configHash: reading.hashes[name2],
    oneShot: isOneShot(name2, declared2, reading.config, containers),
    sideCars: sideCarsOf(name2, reading.config),
    hasHealthcheck: healthcheck2 === "declared" || healthcheck2 !== "none" && containers.some((each2) => each2.hasHealthcheck),
    containers: containers.map(({ service, hasHealthcheck, composeFiles, directory, ...facts }) => facts)
  };
}
function isOneShot(name2, { restart = "no" }, { services }, containers) {
  if (Object.values(services).some(({ waitsForEnd }) => waitsForEnd.includes(name2))) return true;
  const ended = containers.every(({ state, exitCode }) => state === "exited" && exitCode === 0);
  return restart === "no" && containers.length > 0 && ended;
}
var sideCarsOf = (name2, { services }) => Object.entries(services).flatMap(([other, { livesIn }]) => livesIn === name2 ? [other] : []);
function warnOfRunning({ project }, { containers, projects }, plan, { warnings }) {
  const own = containers.find(({ service }) => plan.services.includes(service));
  if (own !== void 0 && own.composeFiles.length > 0 && !sameFiles(own, project)) {
    warnings.push(
      `\`${own.name}\` was made from ${list4(own.composeFiles)}, and this deploy goes by ${list4(project.composeFiles)}: its configuration may change. \`compose-files\` chooses.`
    );
  }
  const others = projects.filter((name2) => name2 !== project.name);
  if (own === void 0 && others.length > 0) {
    warnings.push(
      `From \`${project.directory}\` runs the project ${list4(others)}, and this deploy makes \`${project.name}\` beside it. \`project-name\` chooses.`
    );
  }
}
var sameFiles = ({ composeFiles }, project) => composeFiles.length === project.composeFiles.length && composeFiles.every((file, index) => `/${project.composeFiles[index]}`.endsWith(`/${import_node_path9.posix.normalize(file)}`));
var list4 = (names3) => names3.map((name2) => `\`${name2}\``).join(", ");

// src/deploy/preflight.ts
async function preflight({ run: run2 }, plan, release2) {
  const findings = noFindings();
  const facts = await readServer(run2, plan, findings);
  const expected2 = await release2;
  if (facts === void 0) return { facts, release: void 0, findings };
  const { findings: more, ...check } = expected2 === void 0 ? checkRollback(facts) : checkRelease(facts, expected2);
  findings.problems.push(...more.problems);
  findings.warnings.push(...more.warnings);
  return { facts, release: check, findings };
}
async function readServer(run2, plan, findings) {
  const tools = await findTools(run2);
  if (!Array.isArray(tools)) return readFacts(run2, tools, plan, findings);
  findings.problems.push(...tools);
  await findDirectory(run2, plan, findings);
  return void 0;
}
async function readFacts(run2, tools, plan, findings) {
  const reading = await readProject(run2, tools, plan, findings);
  if (reading === void 0) return void 0;
  findings.problems.push(...missingServices(reading, plan));
  const running = await readContainers(run2, tools, reading.project, findings);
  if (running === void 0) return void 0;
  warnOfRunning(reading, running, plan, findings);
  const { stateWritable, unfinished, history } = running;
  const project = { ...reading.project, stateWritable, unfinished, history };
  return { tools, project, services: servicesOf(reading, running, plan) };
}

// src/registry/config.ts
var import_promises8 = require("node:fs/promises");
var import_node_path10 = require("node:path");
var notShared = /^(?:config\.json|buildx|\.token_seed.*|.*\.lock)$/;
async function openConfig(world2, plan) {
  const original = dockerDirectory(world2.env);
  if (plan.lasts === "job") return { directory: original, env: {} };
  const directory = await privateDirectory(world2.context.temp, "docker");
  world2.remember({ kind: "directory", path: directory });
  const content = await readConfig(original);
  const registries = plan.logins.map((login2) => login2.registry);
  await (0, import_promises8.writeFile)((0, import_node_path10.join)(directory, "config.json"), privateConfig(content, registries), { mode: 384 });
  await share(original, directory);
  return { directory, env: { DOCKER_CONFIG: directory, BUILDX_CONFIG: buildxDirectory(world2.env) } };
}
function privateConfig(content, registries) {
  const helpers = Object.fromEntries(registries.map((registry) => [configKey(registry), ""]));
  const stored = "credsStore" in content || "credHelpers" in content;
  const copy = stored ? { ...content, credHelpers: { ...content["credHelpers"] ?? {}, ...helpers } } : content;
  return JSON.stringify(copy, void 0, 2);
}
async function readConfig(directory) {
  const file = (0, import_node_path10.join)(directory, "config.json");
  const text5 = await (0, import_promises8.readFile)(file, "utf8").catch(() => "");
  try {
    return text5.trim() === "" ? {} : JSON.parse(text5);
  } catch {
    throw new Failure("preflight", {
      cause: `The docker configuration \`${file}\` is no JSON.`,
      remedy: "Mend or remove it; docker would refuse it too."
    });
  }
}
async function share(original, directory) {
  const names3 = await (0, import_promises8.readdir)(original).catch(() => []);
  const shared = names3.filter((name2) => !notShared.test(name2));
  await Promise.all(shared.map((name2) => (0, import_promises8.symlink)((0, import_node_path10.join)(original, name2), (0, import_node_path10.join)(directory, name2))));
  if (!shared.includes("cli-plugins")) await (0, import_promises8.mkdir)((0, import_node_path10.join)(directory, "cli-plugins"), { mode: 448 });
}

// src/registry/lasting.ts
var import_promises9 = require("node:fs/promises");
var import_node_path11 = require("node:path");
async function rememberLogin(world2, registry, config) {
  const before = await entryOf2(world2.run, registry, config.directory);
  const directory = await privateDirectory(world2.context.temp, "login");
  const saved = (0, import_node_path11.join)(directory, "entry.json");
  await (0, import_promises9.writeFile)(saved, JSON.stringify(before ?? {}), { mode: 384 });
  world2.remember({ kind: "login", registry, config: config.directory, saved });
}
async function entryOf2(run2, registry, directory) {
  const content = await readConfig(directory);
  const key = configKey(registry);
  const helper = at(content, "credHelpers", key) ?? content["credsStore"];
  if (typeof helper === "string" && helper !== "") {
    const got = await run2({ file: `docker-credential-${helper}`, args: ["get"], stdin: key }).catch(
      () => void 0
    );
    return got?.code === 0 ? { kind: "store", helper, credential: got.stdout } : void 0;
  }
  const auth = at(content, "auths", key);
  return auth === void 0 ? void 0 : { kind: "file", auth };
}

// src/registry/login.ts
var loginCommand = ({ registry, username, password }) => ({
  file: "docker",
  args: ["login", registry, "--username", username, "--password-stdin"],
  stdin: password
});
async function login(world2, plan, config) {
  const problems = [];
  for (const each2 of plan.logins) {
    world2.log.mask(each2.password);
    if (plan.lasts === "job") await rememberLogin(world2, each2.registry, config);
    const command = { ...loginCommand(each2), env: config.env };
    const outcome = await patiently(quietly(world2), command);
    if (outcome.code !== 0) problems.push(refused(each2, outcome));
  }
  if (problems.length > 0) throw new Failure("preflight", problems);
}
var quietly = (world2) => ({ ...world2, log: { ...world2.log, foreign: () => void 0 } });
function refused({ registry, username }, outcome) {
  const { kind, cause, remedy } = diagnose(outcome);
  const output = lastLines(outcome.stderr, 5);
  if (kind !== "denied")
    return { cause: `The login to ${registry} failed. ${cause}`, output, ...remedy ? { remedy } : {} };
  return {
    input: "registry-password",
    cause: `${registry} refused the login of \`${username}\`.`,
    remedy: remedies(registry),
    output
  };
}
function remedies(registry) {
  if (registry === "docker.io")
    return "Check `registry-username` and `registry-password`: Docker Hub takes an access token with the right to write.";
  if (registry === "ghcr.io")
    return "Give the job `permissions: packages: write`, or a token with the scope `write:packages` as `registry-password`.";
  return "Check `registry-username` and `registry-password`; `registry` names the host that they are for.";
}

// src/ssh/connection.ts
var import_promises11 = require("node:timers/promises");

// src/ssh/key.ts
var import_node_crypto5 = require("node:crypto");
async function openKey(given2, passphrase = "") {
  const key = repairKey(given2);
  if (isProblem(key)) return key;
  if (key.encrypted && passphrase === "") return missingPassphrase;
  return key.text.startsWith("-----BEGIN OPENSSH") ? openOpenSsh(key, passphrase) : openPem(key, passphrase);
}
var wrongPassphrase = {
  input: "ssh-passphrase",
  cause: "`ssh-passphrase` does not open `ssh-key`.",
  remedy: "Check the two together: `ssh-keygen -y -f KEY` asks for it."
};
var damaged = {
  input: "ssh-key",
  cause: "`ssh-key` is damaged.",
  remedy: "Check the file with `ssh-keygen -y -f KEY`, and copy it whole."
};
async function openOpenSsh({ text: text5, encrypted }, passphrase) {
  const key = readOpenSshKey(Buffer.from(text5.replace(/-----[^-]*-----/g, ""), "base64"));
  if (key === void 0) return damaged;
  const clear = encrypted ? await decrypt(key, passphrase) : key.privatePart;
  if (clear === void 0) return wrongPassphrase;
  return { privateKey: writeOpenSshKey(key.publicKey, clear), publicKey: key.publicKey };
}
function openPem({ text: text5, encrypted }, passphrase) {
  try {
    return usable((0, import_node_crypto5.createPrivateKey)({ key: text5, passphrase }));
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
var unsupported = (type = "unknown") => ({
  input: "ssh-key",
  cause: `\`ssh-key\` is a key of the type ${type}, which SSH does not use.`,
  remedy: "Make one with `ssh-keygen -t ed25519`."
});
var curves = {
  "P-256": "nistp256",
  "P-384": "nistp384",
  "P-521": "nistp521"
};
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
var wire = (...fields2) => Buffer.concat(fields2.map(wireString));
var bytes = (base64url = "") => Buffer.from(base64url, "base64url");
function mpint(base64url = "") {
  const number = bytes(base64url);
  return (number[0] ?? 0) > 127 ? Buffer.concat([Buffer.of(0), number]) : number;
}

// src/ssh/refusal.ts
var import_node_net2 = require("node:net");
var Refusal = class extends Error {
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
var RefusedKey = class extends Refusal {
  key;
  constructor(problem2, key) {
    super(problem2, false);
    this.key = key;
  }
};
function explainDial(error2, location) {
  const causes = error2 instanceof AggregateError ? error2.errors : [error2];
  const codes = causes.map((cause) => String(cause.code ?? cause));
  const where2 = formatLocation(location);
  const decisive = codes.find((code2) => code2 in explanations && !noRoute.includes(code2)) ?? codes[0] ?? "";
  if (codes.every((code2) => noRoute.includes(code2))) return noRouteTo(location, causes);
  const explain2 = explanations[decisive];
  if (explain2 !== void 0) return new Refusal(explain2.problem(where2, location), explain2.transient);
  return new Refusal(
    { input: "ssh-host", cause: `Connecting to ${where2} failed: ${codes.join(", ")}.`, remedy: firewall },
    true
  );
}
var firewall = "Check the name and the port, and that a firewall on the way lets this runner through (hosted runners have no fixed addresses).";
var noRoute = ["ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL"];
var explanations = {
  ECONNREFUSED: {
    transient: true,
    problem: (where2) => ({
      input: "ssh-port",
      cause: `${where2} refused the connection: nothing listens there.`,
      remedy: "Is sshd running, and on this port? Set `ssh-port` if it is on another one."
    })
  },
  ENOTFOUND: {
    transient: false,
    problem: (_, { host: host2 }) => ({
      input: "ssh-host",
      cause: `There is no host of the name ${host2}.`,
      remedy: "Check `ssh-host`; a name from a private network or `/etc/hosts` is not known to this runner."
    })
  },
  EAI_AGAIN: {
    transient: true,
    problem: (_, { host: host2 }) => ({
      input: "ssh-host",
      cause: `The name ${host2} could not be looked up: the name server does not answer.`,
      remedy: "Try again, or give the address of the server."
    })
  },
  ETIMEDOUT: {
    transient: true,
    problem: (where2) => ({
      input: "ssh-host",
      cause: `Connecting to ${where2} timed out: nothing answers.`,
      remedy: firewall
    })
  },
  ECONNRESET: {
    transient: true,
    problem: (where2) => ({
      input: "ssh-host",
      cause: `${where2} cut the connection off at once.`,
      remedy: firewall
    })
  }
};
function noRouteTo(location, causes) {
  const addresses = causes.map((cause) => cause.address ?? location.host);
  const where2 = formatLocation(location);
  if (addresses.every((address) => (0, import_node_net2.isIPv6)(address))) {
    return new Refusal(
      {
        input: "ssh-host",
        cause: `${where2} has an IPv6 address only, and this runner has no IPv6 route to it.`,
        remedy: "GitHub-hosted runners have no IPv6: give an IPv4 address, or a `ssh-jump` host that has both."
      },
      false
    );
  }
  return new Refusal(
    { input: "ssh-host", cause: `There is no route to ${where2} from this runner.`, remedy: firewall },
    true
  );
}

// src/ssh/channels.ts
var import_promises10 = require("node:timers/promises");
var refusals = 3;
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
        if (!beside) await (0, import_promises10.setTimeout)(pause2 * ++alone);
      } finally {
        leave();
      }
    }
  };
}

// src/ssh/quote.ts
function quote2(text5) {
  if (text5.includes("\0")) throw new Error("A word of a command cannot hold a NUL byte");
  return `'${text5.replaceAll("'", `'\\''`)}'`;
}

// src/ssh/remote-command.ts
var startMark = /\x1eslipway (\d+)\x1e/;
var longest2 = 12e4;
function remoteCommand({ file, args, env: env2 = {} }) {
  const exports2 = Object.entries(env2).map(([name2, value]) => `export ${variable3(name2)}=${quote2(value)}; `);
  const start = `printf '\\036slipway %d\\036' $$; printf '\\036slipway %d\\036' $$ >&2; `;
  const script = `${start}${exports2.join("")}exec ${[file, ...args].map(quote2).join(" ")}`;
  const text5 = `/bin/sh -c 'eval "$(printf %b "${octal(script)}")"'`;
  if (text5.length > longest2) throw new Error(`The arguments of ${file} are too long: send them on stdin`);
  return text5;
}
function variable3(name2) {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name2)) return name2;
  throw new Error(`${name2} is no name of a variable`);
}
var octal = (text5) => text5.replace(
  /[^A-Za-z0-9 ./:=@,+_-]/gu,
  (char) => [...Buffer.from(char)].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("")
);

// src/ssh/reading.ts
function readStream(onLine) {
  const chunks = [];
  const lines2 = lineSplitter(onLine);
  let before = Buffer.alloc(0);
  let pid;
  const take = (chunk) => {
    chunks.push(chunk);
    lines2.write(chunk);
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
      lines2.end();
      return Buffer.concat(chunks).toString("utf8");
    }
  };
}

// src/ssh/remote-run.ts
var sessions = 8;
function remoteRun(session, target, stage) {
  const within = atMost(sessions, isFull);
  return async (command, options = {}) => {
    const text5 = remoteCommand(command);
    try {
      return await within(() => execute2(session, command, text5, options));
    } catch (error2) {
      throw explain(error2, command, target, stage, session);
    }
  };
}
var isFull = (error2) => error2 instanceof Error && error2.message.startsWith("(SSH) Channel open failure");
async function execute2(session, command, text5, { onLine, timeout, signal }) {
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
    const running = session.ssh.execCommand(text5, {
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
    const code2 = typeof first === "string" ? null : first.code;
    if (typeof first !== "string" && !session.isOver() && out.pid() === void 0)
      throw new NotBegun(code2, out, err);
    return { code: code2, stdout: out.end(), stderr: err.pid() === void 0 ? err.before() : err.end() };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
  }
}
var NotBegun = class extends Error {
  code;
  output;
  constructor(code2, ...streams) {
    super("not begun");
    this.code = code2;
    this.output = streams.map((stream) => stream.before()).join("");
  }
};
var endScript = `
read -r stat <"/proc/$1/stat" || exit 0
set -- "$1" \${stat##*) }
kill -s TERM -- "-$4"
sleep 2
kill -s KILL -- "-$4"
`;
async function endRemote({ ssh }, pid) {
  const text5 = remoteCommand({ file: "sh", args: ["-c", endScript, "sh", String(pid)] });
  await ssh.execCommand(text5).catch(() => {
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

// src/ssh/dial.ts
var import_node_net3 = require("node:net");
var attemptTimeout = 3e3;
function dial({ host: host2, port }, signal) {
  const { promise, resolve: resolve4, reject } = Promise.withResolvers();
  if (signal.aborted) return Promise.reject(signal.reason);
  const socket = (0, import_node_net3.connect)({
    host: host2,
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
  socket.on("connect", () => resolve4(socket));
  return promise.finally(() => signal.removeEventListener("abort", giveUp));
}

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
var show = (key) => `${publicKeyType(key)} ${fingerprint(key)}`;
var compare = ({ host: host2 }) => `compare on ${host2} itself (\`for f in /etc/ssh/ssh_host_*.pub; do ssh-keygen -lf $f; done\`)`;
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
var revoked = (server, key) => ({
  input: "ssh-known-hosts",
  cause: `${server.host} (port ${server.port}) showed a host key that \`ssh-known-hosts\` marks as @revoked: ${show(key)}.`,
  remedy: "Give the server a new host key, and add its line."
});
function otherFingerprint({ fingerprints }, server, key) {
  return {
    input: "ssh-fingerprint",
    cause: `${server.host} (port ${server.port}) showed another host key than \`ssh-fingerprint\` says: ${show(key)} instead of ${fingerprints.join(" or ")}. Someone may be posing as the server, or it was installed anew.`,
    remedy: `If that is its key (${compare(server)}), set \`ssh-fingerprint: ${fingerprint(key)}\`.`
  };
}
var algorithms = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"]
};
function hostKeyAlgorithms(trust, { host: host2, port }) {
  const known = trust.kind === "known-hosts" ? knownKeyTypes(trust.lines, host2, port) : [];
  return [.../* @__PURE__ */ new Set([...known, ...Object.keys(algorithms)])].flatMap((type) => algorithms[type] ?? []);
}
var otherAlgorithms = (seen) => Object.entries(algorithms).flatMap(([type, names3]) => seen.includes(type) ? [] : names3);

// src/ssh/link.ts
var beat = 1e3;
var patience2 = 4;
function watchLink(socket, onSilent) {
  let received = 0;
  let silent2 = 0;
  let last = { received, sent: 0, waiting: false };
  const count = (chunk) => {
    received += chunk.length;
  };
  const timer = setInterval(() => {
    const sent = (socket.bytesWritten ?? 0) - socket.writableLength;
    const alive = received > last.received || last.waiting && sent > last.sent;
    silent2 = alive ? 0 : silent2 + 1;
    last = { received, sent, waiting: socket.writableLength > 0 };
    if (silent2 < patience2) return;
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

// src/ssh/login.ts
function startLogin(user, credentials) {
  const asked2 = [];
  const ways = waysOf(user, credentials, asked2);
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
    story: () => ({ user, credentials, tried, asked: asked2, offered, partly })
  };
}
function waysOf(username, credentials, asked2) {
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
    const dialogue = answering(username, password, asked2);
    ways.push({ name: "password", methods: [{ type: "password", username, password }, dialogue] });
  }
  return ways;
}
function answering(username, password, asked2) {
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
          asked2.push(prompt.trim());
          return "";
        })
      );
    }
  };
}

// src/ssh/login-refusal.ts
function explainLogin(server, story2) {
  const { user, credentials, tried, asked: asked2, partly } = story2;
  const takes = story2.offered.length === 0 ? "nothing" : story2.offered.join(", ");
  if (asked2.length > 0) return secondFactor(server, story2);
  if (partly) {
    return {
      input: "ssh-password",
      cause: `${server} took the ${tried[0]} of ${user}, but asks for more: it takes ${takes}.`,
      remedy: "Give `ssh-key` and `ssh-password` both, or log in as a user that needs only one."
    };
  }
  if (tried.includes("key")) return refusedKey(server, story2, takes);
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
var secondFactor = (server, { user, asked: asked2 }) => ({
  input: "ssh-password",
  cause: `${server} asks ${user} for more than a password: ${asked2.join(", ")}.`,
  remedy: "A workflow cannot answer that: log in with `ssh-key`, as a user that needs no second factor."
});
function refusedKey(server, { user, credentials, tried }, takes) {
  const key = credentials.kind === "key" ? credentials.key.publicKey : Buffer.alloc(0);
  const password = tried.includes("password") ? ", nor `ssh-password`" : "";
  return {
    input: "ssh-key",
    cause: `${server} does not accept \`ssh-key\`${password} for the user ${user}: ${publicKeyType(key)} ${fingerprint(key)} (the server takes ${takes}).`,
    remedy: `Is ${user} the right user? Then add this line to ~${user}/.ssh/authorized_keys there, which nobody else may be able to write: ${publicKeyType(key)} ${key.toString("base64")}`
  };
}

// src/ssh/session-refusal.ts
function explainSession(error2, server, story2, progress) {
  const { refusedKey: refusedKey2, banner } = progress;
  if (refusedKey2 !== void 0) return new RefusedKey(refusedKey2.problem, refusedKey2.key);
  const where2 = formatLocation(server);
  if (progress.reached === "login") {
    const problem2 = explainEntry(error2, where2, story2, progress);
    return new Refusal({ ...problem2, ...banner === "" ? {} : { output: lastLines(banner) } }, false);
  }
  return explainGreeting(error2, where2, progress);
}
function explainEntry(error2, where2, story2, { expired }) {
  if (expired) {
    return {
      input: "ssh-password",
      cause: `The password of ${story2.user} on ${where2} has expired.`,
      remedy: "Log in by hand to set a new one, or use `ssh-key`."
    };
  }
  if (error2.level === "client-authentication") return explainLogin(where2, story2);
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
    cause: `The login of ${story2.user} on ${where2} ${how}.`,
    remedy: "The log of sshd on the server says why (`journalctl -u ssh`)."
  };
}
function explainGreeting(error2, where2, { heard }) {
  const first = heard.split(/\r?\n/, 1)[0]?.replace(/[^\x20-\x7e]/g, "?") ?? "";
  if (error2.level === "handshake") {
    return definite(
      `${where2} and this action have no way of speaking in common: ${error2.message}.`,
      "Allow a current algorithm in its sshd_config (OpenSSH since 6.5 has them by default)."
    );
  }
  if (/^SSH-/m.test(heard)) {
    if (error2.level === "protocol" || (error2.level ?? error2.code) === void 0) {
      return definite(`What answers at ${where2} speaks no proper SSH: ${error2.message}.`, "Check `ssh-port`.");
    }
    const how = error2.name === "TimeoutError" ? "answers too slowly" : `broke off: ${error2.message}`;
    return passing(`The SSH server at ${where2} ${how}.`, "If it stays so, the log of sshd says why.");
  }
  if (heard !== "" && !/MaxStartups|Not allowed/i.test(first)) {
    return definite(
      `What answers at ${where2} is no SSH server: it said "${first.slice(0, 100)}".`,
      "Check `ssh-host` and `ssh-port`."
    );
  }
  if (error2.name === "TimeoutError") {
    return passing(`${where2} takes connections, but no SSH server answers there.`, "Check `ssh-port`.");
  }
  return passing(
    `${where2} closed the connection before a word was said${first === "" ? "" : `: ${first}`}.`,
    "It may shut this address out for a while (fail2ban, MaxStartups, PerSourcePenalties of sshd), or a firewall does."
  );
}
var definite = (cause, remedy) => new Refusal({ input: "ssh-host", cause, remedy }, false);
var passing = (cause, remedy) => new Refusal({ input: "ssh-host", cause, remedy }, true);

// src/ssh/session.ts
async function openSession(socket, door, signal) {
  const { NodeSSH } = await Promise.resolve().then(() => __toESM(require("./vendor/node-ssh.cjs"), 1));
  signal.throwIfAborted();
  const ssh = new NodeSSH();
  const progress = { reached: "connected", heard: "", banner: "" };
  const login2 = startLogin(door.user, door.credentials);
  const ready = ssh.connect(settings(socket, door, login2, progress));
  const ending2 = followToItsEnd(ssh, socket, progress);
  const giveUp = () => ending2.end("given up");
  signal.addEventListener("abort", giveUp);
  try {
    await ready;
  } catch (error2) {
    ending2.end("refused");
    if (signal.aborted && !isTimeout(signal.reason)) throw signal.reason;
    throw explainSession(signal.aborted ? signal.reason : error2, door, login2.story(), progress);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
  const unwatch = watchLink(socket, () => ending2.end("the server fell silent"));
  void ending2.over.then(unwatch);
  return { ssh, ...ending2, close: () => close(ssh, ending2) };
}
var isTimeout = (reason) => reason instanceof Error && reason.name === "TimeoutError";
function settings(socket, door, login2, progress) {
  return {
    sock: socket,
    username: door.user,
    authHandler: login2.next,
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
  const { promise: over, resolve: resolve4 } = Promise.withResolvers();
  let isOver = false;
  const end = (reason) => {
    isOver = true;
    resolve4(reason);
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
  }).on("banner", (text5) => {
    progress.banner += text5;
  }).on("change password", () => {
    progress.expired = true;
    end("the password has expired");
  });
  return { over, isOver: () => isOver, end };
}
var goodbye = 1e3;
async function close(ssh, { over, end }) {
  const timer = setTimeout(() => end("closed"), goodbye);
  ssh.dispose();
  await over;
  clearTimeout(timer);
}

// src/ssh/route.ts
async function openRoute(plan, credentials, options) {
  const { host: host2, port, user, jump, hostKey: trust } = plan;
  const door = { host: host2, port, user, credentials, trust };
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
async function openDoor(door, way, options, refused2 = []) {
  const { timeout = 15e3, signal } = options;
  const limit = AbortSignal.any([AbortSignal.timeout(timeout), ...signal === void 0 ? [] : [signal]]);
  const asked2 = refused2.length === 0 ? door : { ...door, algorithms: unseen(refused2) };
  try {
    return await openSession(await way(limit), asked2, limit);
  } catch (error2) {
    if (door.trust.kind === "fingerprint" && error2 instanceof RefusedKey) {
      const all = [...refused2, error2];
      if (unseen(all).length > 0) return openDoor(door, way, options, all);
    }
    throw refused2[0] ?? error2;
  }
}
var unseen = (refused2) => otherAlgorithms(refused2.map(({ key }) => publicKeyType(key)));
async function dialOrExplain(location, signal) {
  try {
    return await dial(location, signal);
  } catch (error2) {
    if (signal.aborted && !isTimeout(signal.reason)) throw error2;
    throw explainDial(isTimeout(error2) ? { code: "ETIMEDOUT" } : error2, location);
  }
}
async function forward({ ssh }, hop, { host: host2, port }, signal) {
  const { promise, reject } = Promise.withResolvers();
  const giveUp = () => reject(signal.reason);
  signal.addEventListener("abort", giveUp);
  try {
    return await Promise.race([ssh.forwardOut("127.0.0.1", 0, host2, port), promise]);
  } catch (error2) {
    if (signal.aborted && !isTimeout(signal.reason)) throw error2;
    throw explainForward(
      error2,
      formatLocation(hop),
      formatLocation({ host: host2, port })
    );
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
function explainForward(error2, hop, where2) {
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
      cause: `The jump host ${hop} cannot connect to ${where2}: ${why}.`,
      remedy: "`ssh-host` is looked up from the jump host: is its name, address and port right from there?"
    },
    true
  );
}

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
  const { attempts = 3, patience: patience4 = 3e4, signal, onRetry } = options;
  const begin = performance.now();
  for (let attempt2 = 1; ; attempt2 += 1) {
    try {
      return await openRoute(plan, credentials, options);
    } catch (error2) {
      const spent = performance.now() - begin > patience4;
      if (!(error2 instanceof Refusal) || !error2.transient || attempt2 >= attempts || spent) throw error2;
      const wait = 1e3 * 2 ** (attempt2 - 1) * (0.75 + Math.random() / 2);
      onRetry?.(error2.problem.cause, wait);
      await pause(wait, signal);
    }
  }
}
async function pause(wait, signal) {
  try {
    await (0, import_promises11.setTimeout)(wait, void 0, signal === void 0 ? {} : { signal });
  } catch {
    signal?.throwIfAborted();
  }
}
function connectionOver(sessions2, target, stage) {
  const { session, hops } = sessions2;
  const close2 = async () => {
    for (const each2 of [session, ...hops]) await each2.close();
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

// src/ready.ts
async function getReady(plan, world2, warn) {
  const docker = probeDocker(world2.run, world2.cancelled);
  docker.catch(() => void 0);
  const [workshop, server] = await together([
    openWorkshop(plan, world2, docker),
    openServer(plan, world2, expected(plan, docker), warn)
  ]);
  return { workshop, server, [Symbol.asyncDispose]: async () => await server?.connection.close() };
}
async function openWorkshop(plan, world2, probed) {
  const [docker, config] = await together([probed, openConfig(world2, plan.registry)]);
  const own = {
    ...world2,
    env: { ...world2.env, ...config.env },
    run: (command, options) => world2.run({ ...command, env: { ...config.env, ...command.env } }, options)
  };
  const [builder] = await together([openBuilder(own, plan.build, docker), login(own, plan.registry, config)]);
  return { docker, builder, world: own };
}
async function expected({ image, build: build2 }, probed) {
  const docker = await probed.catch(() => void 0);
  const platforms2 = build2.platforms.length > 0 || docker === void 0 ? build2.platforms : [docker.platform];
  const references = image.tags.map(parseReference).filter((each2) => "registry" in each2);
  return { references, platforms: platforms2, size: void 0 };
}
async function openServer(plan, world2, release2, warn) {
  if (plan.deploy === void 0) return void 0;
  const connection = await connect(plan.deploy.ssh, {
    signal: world2.cancelled,
    onRetry: (cause, wait) => world2.log.line(`${cause} Trying again in ${Math.round(wait / 1e3)} s.`)
  });
  try {
    return { connection, ...await checkServer(connection, plan.deploy, release2, warn) };
  } catch (error2) {
    await connection.close();
    throw error2;
  }
}
async function checkServer(connection, plan, release2, warn) {
  const checked = await preflight(connection, plan, plan.rollbackTo === void 0 ? release2 : void 0);
  checked.findings.warnings.forEach(warn);
  const { facts, release: check, findings } = checked;
  if (findings.problems.length > 0 || facts === void 0 || check === void 0)
    throw new Failure("preflight", findings.problems);
  return { facts, release: check };
}

// src/deploy/transaction.ts
var import_node_crypto6 = require("node:crypto");

// src/deploy/line.ts
var import_promises12 = require("node:timers/promises");
function openLine({ connect: connect2, tell: tell2, patience: patience4 }) {
  let current;
  const connection = async () => {
    const found = await current?.catch(() => void 0);
    if (found !== void 0 && !found.dropped()) return found;
    current = dial2(connect2, tell2, found === void 0 ? 0 : patience4);
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
async function dial2(connect2, tell2, patience4) {
  const end = performance.now() + patience4;
  for (let wait = 1e3; ; wait = Math.min(wait * 2, 15e3)) {
    try {
      return await connect2();
    } catch (error2) {
      if (!(error2 instanceof Failure) || performance.now() + wait > end) throw error2;
      tell2(
        `The server cannot be reached: ${error2.problems[0]?.cause} The transaction goes on there by itself.`
      );
      await (0, import_promises12.setTimeout)(wait * (0.75 + Math.random() / 2));
    }
  }
}

// src/deploy/order.ts
var orderId = (now, random) => `${now.toString(36)}-${random}`;
function orderText(order) {
  return [...deployLines(order), "", credentialLine(order.credential), "end", ""].join("\n");
}
function settleText(order, after2) {
  const lines2 = [["mode", "settle"], ["after", after2]].map(parameter);
  return [...lines2, ...deployLines(order), "", "", "end", ""].join("\n");
}
function deployLines({ plan, facts, services, envSet, run: run2 }) {
  const { tools, project } = facts;
  return [
    ["directory", project.directory],
    ["project", project.name],
    ...tools.docker.map((word) => ["docker", word]),
    ...tools.compose.map((word) => ["compose", word]),
    ["compose-version", tools.composeVersion],
    ...project.files.map((file) => ["compose-file", file]),
    ...project.composeFiles.map((file) => ["read-file", file]),
    [
      "env-file",
      project.envFile ?? (Object.keys(envSet).length > 0 ? `${project.directory}/.env` : "")
    ],
    ...Object.entries(envSet).map(([name2, value]) => ["env-set", `${name2}=${value}`]),
    ...services.map((service) => ["service", serviceFields(service, facts.services)]),
    ["rollback", String(plan.rollback)],
    ["rollback-to", plan.rollbackTo ?? ""],
    ["wait-timeout", String(plan.waitTimeout)],
    ["stability", String(plan.stability)],
    ["lock-timeout", String(plan.lockTimeout)],
    ["keep-releases", String(plan.keepReleases)],
    ["url", run2.url],
    ["by", run2.actor],
    ["commit", run2.commit],
    ["workflow", run2.workflow],
    ["ref", run2.ref],
    ["number", String(run2.number)],
    ["tags", run2.tags.join(" ")]
  ].filter(([, value]) => value !== "").map(parameter);
}
function parameter([name2, value]) {
  return `${name2} ${value.replaceAll(/[\0\r\n\t]/g, " ")}`;
}
function serviceFields({ name: name2, reference, image }, facts) {
  const found = facts.find((service) => service.name === name2);
  const grace2 = Math.ceil(found?.stopGracePeriod ?? 10);
  return [name2, reference, image ?? "-", found?.replicas ?? 1, "-", grace2].join(" ");
}
function credentialLine(credential) {
  if (credential === void 0) return "";
  const { registry, username, password } = credential;
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  return JSON.stringify({ auths: { [registry]: { auth } } });
}

// src/deploy/server/transaction/broken.sh
var broken_default = `# shellcheck shell=dash disable=SC2154,SC2034
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

// src/deploy/server/transaction/engine.sh
var engine_default = `# shellcheck shell=dash disable=SC2154
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

// src/deploy/server/transaction/files.sh
var files_default = `# shellcheck shell=dash disable=SC2154
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

// src/deploy/server/transaction/follow.sh
var follow_default = `# shellcheck shell=dash disable=SC2154,SC2034
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

// src/deploy/server/transaction/gate.sh
var gate_default = `# shellcheck shell=dash disable=SC2154,SC2034,SC2086
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

// src/deploy/server/transaction/history.sh
var history_default = `# shellcheck shell=dash disable=SC2154,SC2034
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

// src/deploy/server/transaction/lock.sh
var lock_default = `# shellcheck shell=dash disable=SC2154
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

// src/deploy/server/transaction/parameters.sh
var parameters_default = "# shellcheck shell=dash disable=SC2034\n# What is asked for: lines of `name value` on stdin up to an empty one, then one line with the registry credential,\n# and `end`.\n# They are read as data: no shell ever evaluates them.\n\nnewline='\n'\ntab='	'\n# Lists are lines, each with its end.\ndocker_words='' compose_words='' compose_files='' read_files='' services='' env_set=''\nmode=deploy directory='' project='' env_file='' rollback_to='' rollback=true after=''\nurl='' by='' commit='' number='' workflow='' ref='' tags='' credential=''\nwait_timeout=120 stability=10 lock_timeout=600 pull_timeout=900 engine_timeout=300 keep_releases=3\ncompose_major=2 compose_minor=0\n\nread_parameters() {\n  local line value\n  while IFS= read -r line && [ -n \"$line\" ]; do\n    value=${line#* }\n    case ${line%% *} in\n      mode) mode=$value ;;\n      after) after=$value ;;\n      directory) directory=$value ;;\n      project) project=$value ;;\n      docker) docker_words=$docker_words$value$newline ;;\n      compose) compose_words=$compose_words$value$newline ;;\n      compose-version) read_compose_version \"$value\" ;;\n      compose-file) compose_files=$compose_files$value$newline ;;\n      read-file) read_files=$read_files$value$newline ;;\n      # NAME DECLARED-REFERENCE REPOSITORY@DIGEST DECLARED-REPLICAS one-shot|- STOP-GRACE\n      service) services=$services$value$newline ;;\n      env-file) env_file=$value ;;\n      env-set) env_set=$env_set$value$newline ;;\n      rollback-to) rollback_to=$value ;;\n      rollback) rollback=$value ;;\n      tags) tags=$value ;;\n      url) url=$value ;;\n      by) by=$value ;;\n      commit) commit=$value ;;\n      number) number=$value ;;\n      workflow) workflow=$value ;;\n      ref) ref=$value ;;\n      wait-timeout) wait_timeout=$value ;;\n      stability) stability=$value ;;\n      lock-timeout) lock_timeout=$value ;;\n      pull-timeout) pull_timeout=$value ;;\n      engine-timeout) engine_timeout=$value ;;\n      keep-releases) keep_releases=$value ;;\n    esac\n  done\n  IFS= read -r credential && IFS= read -r line && [ \"$line\" = end ] || { echo 'The parameters did not arrive whole.'; exit 1; }\n  exec </dev/null\n}\n\nread_compose_version() { # 2.40.3\n  compose_major=${1%%.*}\n  compose_minor=${1#*.}\n  compose_minor=${compose_minor%%.*}\n}\n";

// src/deploy/server/transaction/pin.sh
var pin_default = '# shellcheck shell=dash disable=SC2154\n# The reference that the compose file declares comes to mean the pushed digest on this engine: so Compose runs it, and\n# a plain `docker compose up -d` later leaves it alone.\n\npin_references() {\n  local name declared new rest\n  step pin "Pin $(declared_of "$record")" || return\n  while read -r name declared new rest <&3; do\n    ask tag "$(kept_name "$name" "$new")" "$declared" || {\n      told\n      fail "$declared cannot be pinned to $new"\n      return\n    }\n  done 3<"$record/services"\n  set_variables\n}\n\ndeclared_of() { # RECORD\n  local name declared rest list=\'\'\n  while read -r name declared rest; do\n    case " $list " in *" $declared "*) ;; *) list="$list${list:+ }$declared" ;; esac\n  done <"$1/services"\n  echo "$list"\n}\n\n# For a run that ends before anything that serves was touched.\nput_pins_back() {\n  local name declared new replicas kind grace old old_reference kept pointer rest\n  [ -d "$record" ] || return 0\n  put_variables_back || return\n  while read -r name declared new replicas kind grace old old_reference kept pointer rest <&3; do\n    point "$declared" "$pointer" || return\n  done 3<"$record/services"\n}\n\npoint() { # REFERENCE IMAGE-ID|-\n  if [ "$2" = - ]; then\n    ! ask image inspect --format . "$1" >/dev/null || ask rmi "$1" >/dev/null\n  else\n    ask tag "$2" "$1"\n  fi || { told; return 1; }\n}\n';

// src/deploy/server/transaction/place.sh
var place_default = `# shellcheck shell=dash
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

// src/deploy/server/transaction/prune.sh
var prune_default = `# shellcheck shell=dash disable=SC2154,SC2034
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

// src/deploy/server/transaction/pull.sh
var pull_default = `# shellcheck shell=dash disable=SC2154
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

// src/deploy/server/transaction/record.sh
var record_default = `# shellcheck shell=dash disable=SC2154,SC2034
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

// src/deploy/server/transaction/rollback.sh
var rollback_default = '# shellcheck shell=dash disable=SC2154,SC2034,SC2086\n# Puts back what ran: image, .env, number of containers, and the compose files where those in place are others.\n\nroll_back() {\n  failed_stage=${failed_stage:-$stage} why_failed=${why_failed:-$reason} outcome=broken\n  if [ "$(value_of rollback "$record/run")" = false ]; then\n    say \'  Not rolled back, as `rollback` is off.\'\n    return\n  fi\n  step rollback "Roll back to $(listed "$(old_releases "$record")")"\n  engine_answers || await_engine || return\n  put_variables_back\n  bring_back || return\n  if ! ran_before "$record"; then\n    outcome=$(if had_before "$record"; then echo rolled-back; else echo removed; fi)\n  elif gate old && verify_old; then\n    outcome=rolled-back\n  fi\n}\n\nbring_back() {\n  local name declared new replicas kind grace old old_reference kept pointer count ran\n  while read -r name declared new replicas kind grace old old_reference kept pointer count ran <&3; do\n    if [ "$old" = - ]; then remove_service; else restore_service; fi || return\n  done 3<"$record/services"\n}\n\n# There was nothing before.\nremove_service() {\n  local ids\n  ids=$(containers_of "$name") || return\n  [ -z "$ids" ] || ask rm -f -v $ids >/dev/null || { told; fail "$name could not be removed"; return; }\n  point "$declared" "$pointer"\n  say "  Removed $name: there was nothing before."\n}\n\n# The very containers that ran are the best that can come back; where Compose has removed one, it makes them anew.\nrestore_service() {\n  ask tag "$old" "$declared" || { told; fail "the image that ran is gone"; return; }\n  if all_there; then return_containers; else make_anew; fi\n}\n\nall_there() {\n  local service container rest\n  while read -r service container rest; do\n    [ "$service" = "$name" ] || continue\n    ask inspect --type container --format . "$container" >/dev/null || return\n  done <"$record/containers"\n}\n\nreturn_containers() {\n  local container service title status rest\n  for container in $(containers_of "$name"); do\n    is_recorded "$container" || ask rm -f "$container" >/dev/null || return\n  done\n  tidy_service\n  while read -r service container title status rest <&5; do\n    [ "$service" = "$name" ] || continue\n    case $status in\n      running | restarting) ask start "$container" >/dev/null ;;\n      *) ask stop "$container" >/dev/null ;;\n    esac || { told; fail "$title could not be started again"; return; }\n  done 5<"$record/containers"\n}\n\nmake_anew() {\n  local code=0 IFS="$newline"\n  tidy_service\n  if files_differ "$record/files/$name"; then\n    say "  $name: with the compose files that it ran with"\n    file_options=$(options_for "$record/files/$name")\n  fi\n  set -- "$name"\n  [ "$count" = "$replicas" ] || set -- --scale "$name=$count" "$name"\n  compose_up 3 "$@" || code=$?\n  file_options=\'\'\n  [ "$ran" != 0 ] || ask stop $(containers_of "$name") >/dev/null\n  return "$code"\n}\n\nold_releases() { # RECORD\n  local name declared new replicas kind grace old old_reference rest\n  while read -r name declared new replicas kind grace old old_reference rest; do\n    if [ "$old" = - ]; then echo "$name to nothing"; else bare "$old_reference" "$old"; fi\n  done <"$1/services"\n}\n\nran_before() { # RECORD\n  local name declared new replicas kind grace old old_reference kept pointer count ran\n  while read -r name declared new replicas kind grace old old_reference kept pointer count ran; do\n    [ "$ran" = 0 ] || return 0\n  done <"$1/services"\n  return 1\n}\n\nhad_before() { # RECORD\n  local name declared new replicas kind grace old rest\n  while read -r name declared new replicas kind grace old rest; do\n    [ "$old" = - ] || return 0\n  done <"$1/services"\n  return 1\n}\n';

// src/deploy/server/transaction/run.sh
var run_default = `# shellcheck shell=dash disable=SC2034,SC2154
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

// src/deploy/server/transaction/settle.sh
var settle_default = `# shellcheck shell=dash disable=SC2154,SC2034
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

// src/deploy/server/transaction/told.sh
var told_default = '# shellcheck shell=dash disable=SC2154,SC2034\n# For the action whose run is gone without a verdict: what became of it.\n\ntell_settled() {\n  if [ -e "$state/runs/$after/verdict" ]; then\n    cp -p "$state/runs/$after/verdict" "$run/verdict.new" && mv -f "$run/verdict.new" "$run/verdict"\n  elif ! verdict_from_history; then\n    # Everything that gets as far as a record is settled, and is in the history then.\n    failed_stage=cut why_failed=\'the transaction was cut off before it changed anything\'\n    write_verdict unchanged "$run"\n  fi\n}\n\nverdict_from_history() {\n  local when verdict service image tags commit ref number by took where link whose before found=\'\'\n  while IFS=$tab read -r when verdict service image tags commit ref number by took where link whose before; do\n    [ "$whose" = "$after" ] || continue\n    [ -n "$found" ] || found="kind $verdict${newline}stage $where${newline}reason the run was cut off"\n    found="$found${newline}previous $service $before"\n    case $verdict in ok) before=$image ;; removed | broken) before=- ;; esac\n    found="$found${newline}deployed $service $before"\n  done 2>/dev/null <"$history"\n  [ -n "$found" ] && put "$run/verdict" "$found" end\n}\n';

// src/deploy/server/transaction/transaction.sh
var transaction_default = '# shellcheck shell=dash disable=SC2154\n# shellcheck shell=dash disable=SC2154\n# The change on the server, as one transaction that runs there by itself: it ends with the new release verified or\n# with the old one back, whatever becomes of the connection, of the runner and of this very process.\n#\n# Each step returns 0, or leaves why it did not in $reason. Up to `begin_change` nothing that serves was touched;\n# from there on a failure is rolled back. A run that is killed leaves its record, and whoever comes next settles it.\n\ndeploy() {\n  if take_lock && settle && choose_release && record_release && pull_images && pin_references && begin_change; then\n    if bring_up && gate new && verify_release; then\n      keep_release\n      conclude ok\n    else\n      roll_back\n      conclude "$outcome"\n    fi\n  else\n    put_pins_back\n    conclude unchanged\n  fi\n}\n\n# For the action that finds its run dead: what became of it, and an end to what it left half-way.\nsettle_only() {\n  take_lock && settle\n  tell_settled\n}\n\nmain() { # start [WORD…] | run | follow BYTE | cancel\n  case $1 in\n    start | follow | cancel) "$@" ;;\n    run)\n      read_parameters\n      begin_run\n      case $mode in deploy) deploy ;; settle) settle_only ;; esac\n      ;;\n  esac\n}\n';

// src/deploy/server/transaction/up.sh
var up_default = `# shellcheck shell=dash disable=SC2154,SC2034,SC2046,SC2086
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

// src/deploy/server/transaction/variables.sh
var variables_default = `# shellcheck shell=dash disable=SC2154
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

// src/deploy/server/transaction/verdict.sh
var verdict_default = `# shellcheck shell=dash disable=SC2154,SC2034
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

// src/deploy/server/transaction/verify.sh
var verify_default = `# shellcheck shell=dash disable=SC2154,SC2034,SC2086
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

// src/deploy/script.ts
var transactionScript = [
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
var placingScript = `${place_default}place "$@"
`;

// src/deploy/follow.ts
var mark = "";
function openFollower(tell2) {
  let reached = 0;
  let pending = [];
  let begun = "";
  let verdict;
  let gone = false;
  const commit2 = (byte) => {
    const [first = "", ...more] = pending;
    const lines2 = [begun + first, ...more];
    if (byte > reached) {
      begun = lines2.pop() ?? "";
      lines2.forEach(tell2);
    }
    reached = byte;
    pending = [];
  };
  const end = () => {
    if (begun !== "") tell2(begun);
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
      } else commit2(Number(line.slice(mark.length)));
    },
    begin() {
      pending = [];
      verdict = void 0;
      gone = false;
    }
  };
}

// src/deploy/teller.ts
function openTeller(tell2) {
  let kept = [];
  let keeping = false;
  const follower = openFollower((line) => {
    if (line.startsWith("  The last lines of ")) {
      if (!keeping) kept = [];
      keeping = true;
    } else if (!line.startsWith("  ")) keeping = false;
    if (keeping) kept.push(line.slice(2));
    tell2(line);
  });
  return { follower, output: () => kept.join("\n").trimEnd() };
}

// src/deploy/verdict.ts
var kinds = [
  "ok",
  "unchanged",
  "rolled-back",
  "removed",
  "broken"
];
function parseVerdict(lines2, output = "") {
  const entries3 = lines2.map(splitOnce);
  const last = entries3.at(-1)?.[0];
  const all = (name2) => entries3.filter(([key]) => key === name2).map(([, value]) => value);
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
var releases = (values) => Object.fromEntries(values.map(splitOnce).filter(([, reference]) => reference !== "-"));

// src/deploy/transaction.ts
var patience3 = 5 * 6e4;
async function deploy(order, world2) {
  var _stack = [];
  try {
    const line = __using(_stack, openLine({ patience: patience3, ...world2 }), true);
    for (let attempt2 = 1; ; attempt2 += 1) {
      const ended = await perform(order, orderText(order), line, world2);
      if (typeof ended !== "string") return ended;
      const settled = await perform(order, settleText(order, idOf(ended)), line, world2);
      if (typeof settled === "string") throw new Failure("deploy", goneTwice);
      await line.run(removeCommand(ended));
      if (settled.stage !== cut || attempt2 === 3 || world2.cancelled.aborted) return settled;
    }
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise = __callDispose(_stack, _error, _hasError);
    _promise && await _promise;
  }
}
var cut = "cut";
var goneTwice = {
  cause: "The transaction was ended on the server from outside, twice, without a verdict: nobody can say what serves.",
  remedy: "Look for what kills processes there (the OOM killer?), and deploy again: that settles what was left."
};
var idOf = (run2) => run2.slice(run2.lastIndexOf("/") + 1);
async function perform(order, text5, line, world2) {
  const run2 = await place(order, line);
  world2.begun?.(run2);
  const { tools } = order.facts;
  const escapes = tools.killsLeftovers ? tools.escape ?? [] : [];
  const start = { ...scriptCommand(run2, "start", ...escapes), stdin: text5 };
  let started = false;
  const verdict = await withCancel(
    run2,
    line,
    world2,
    () => followToEnd(run2, openTeller(world2.tell), line, (reached) => {
      const command = started ? scriptCommand(run2, "follow", String(reached)) : start;
      started = true;
      return command;
    })
  );
  return verdict ?? run2;
}
async function place({ facts: { project } }, line) {
  const id = orderId(Date.now(), (0, import_node_crypto6.randomBytes)(4).toString("hex"));
  const { code: code2, stdout, stderr } = await line.run({
    file: "sh",
    args: ["-c", placingScript, "sh", project.directory, project.name, id],
    stdin: transactionScript
  });
  const run2 = stdout.trim();
  if (code2 === 0 && run2.endsWith(`/${id}`)) return run2;
  throw new Failure("deploy", {
    input: "project-directory",
    cause: `The transaction cannot be put into \`${project.directory}/.slipway\` on the server.`,
    remedy: "Every user who deploys must be able to write there: let the project directory belong to their group.",
    output: lastLines(stderr)
  });
}
async function withCancel(run2, line, world2, work) {
  const cancel2 = () => void line.run(scriptCommand(run2, "cancel")).catch(() => void 0);
  world2.cancelled.addEventListener("abort", cancel2);
  if (world2.cancelled.aborted) cancel2();
  try {
    return await work();
  } finally {
    world2.cancelled.removeEventListener("abort", cancel2);
  }
}
async function followToEnd(run2, { follower, output }, line, command) {
  let code2 = null;
  while (code2 === null && follower.verdict === void 0 && !follower.gone) {
    follower.begin();
    code2 = (await line.once(command(follower.reached), follower.take)).code;
  }
  const verdict = parseVerdict(follower.verdict ?? [], output());
  if (verdict !== void 0) await line.run(removeCommand(run2));
  return verdict;
}
var scriptCommand = (run2, ...args) => ({
  file: "sh",
  args: [`${run2}/script`, ...args]
});
var removeCommand = (run2) => ({ file: "rm", args: ["-rf", run2] });

// src/outcome.ts
var meanings = {
  ok: "The new release serves.",
  unchanged: "Nothing was changed on the server.",
  "rolled-back": "It was rolled back: the previous release serves again.",
  removed: "It was removed again: nothing ran before it.",
  broken: "Neither it nor the previous release could be brought to serve: look at the server now."
};
var outcomeOf = ({ kind, reason }) => reason === void 0 ? meanings[kind] : `${sentence(reason)} ${meanings[kind]}`;
function problemOf(verdict) {
  const { stage = "", output } = verdict;
  const remedy = remedies2[stage];
  return {
    cause: outcomeOf(verdict),
    ...remedy === void 0 ? {} : { remedy },
    ...output === "" ? {} : { output }
  };
}
var sentence = (text5) => `${text5.charAt(0).toUpperCase()}${text5.slice(1)}.`;
var remedies2 = {
  lock: "Wait for the other deploy to end, or give a longer `lock-timeout`.",
  pull: "Look at what the registry said above; the server pulls with the login of this run, unless `server-login` is false.",
  up: "Look at what Compose said above.",
  gate: "Look at the last lines of the container above. A slow start needs a longer `wait-timeout`, or a `start_period` in its healthcheck.",
  verify: "Something else changed the image or the containers meanwhile: deploy again."
};

// src/release.ts
async function release(plan, image, server, world2, journal) {
  const order = orderOf(plan, image, server, world2.context);
  const title = `Deploy ${plan.deploy.services.join(" and ")} to ${server.connection.target}`;
  const verdict = await journal.stage(title, () => deploy(order, deployWorld(plan.deploy, server, world2)));
  world2.forgetRun();
  journal.note({ deploy: deployReport(order, server, verdict) });
  return ending(verdict, world2);
}
function deployWorld({ ssh }, { connection }, world2) {
  let first = true;
  return {
    connect: async () => {
      const fresh = !first || connection.dropped();
      first = false;
      return fresh ? await connect(ssh, { stage: "deploy" }) : connection;
    },
    tell: world2.log.foreign,
    cancelled: world2.cancelled,
    begun: (path4) => world2.remember({ kind: "run", path: path4 })
  };
}
function orderOf({ deploy: plan, registry, image: { tagNames } }, image, { facts, release: { pins, envSet } }, context2) {
  const services = plan.services.map((name2) => {
    const pin = pins.find(({ service }) => service === name2);
    const declared2 = facts.services.find((service) => service.name === name2)?.reference ?? "";
    if (pin?.pushed === void 0 || image.digest === void 0)
      return { name: name2, reference: pin?.reference ?? declared2, image: void 0 };
    return { name: name2, reference: pin.reference, image: `${repositoryName(pin.pushed)}@${image.digest}` };
  });
  const registries = pins.flatMap(({ pushed }) => pushed?.registry ?? []);
  return {
    plan,
    facts,
    services,
    envSet,
    credential: plan.serverLogin ? credentialFor(registries, registry) : void 0,
    run: {
      url: `${context2.serverUrl}/${context2.repository}/actions/runs/${context2.runId}`,
      actor: context2.actor,
      commit: context2.sha,
      workflow: context2.workflow,
      ref: context2.ref,
      number: context2.runNumber,
      tags: tagNames
    }
  };
}
function credentialFor(registries, { logins }) {
  const login2 = logins.find(({ registry }) => registries.includes(registry));
  return login2 && { ...login2, registry: configKey(login2.registry) };
}
function deployReport({ services }, { connection, facts }, verdict) {
  const lines2 = (releases2) => [...new Set(services.map(({ name: name2 }) => releases2[name2]).filter((release2) => release2 !== void 0))].join(
    "\n"
  );
  const previous = lines2(verdict.previous);
  const serving = lines2(verdict.deployed);
  return {
    target: connection.target,
    project: facts.project.name,
    services: services.map(({ name: name2 }) => name2),
    ...previous === "" ? {} : { previous },
    ...serving === "" ? {} : { serving },
    ...verdict.output === "" ? {} : { log: verdict.output }
  };
}
function ending(verdict, { cancelled }) {
  const end = ends2[verdict.kind];
  if (verdict.kind === "ok") return { end };
  if (verdict.kind === "unchanged" && cancelled.aborted) return { end: "cancelled" };
  return { end, failure: new Failure("deploy", problemOf(verdict)) };
}
var ends2 = {
  ok: "released",
  unchanged: "failed",
  "rolled-back": "rolled-back",
  removed: "removed",
  broken: "broken"
};

// src/report/figures.ts
function duration(milliseconds) {
  if (milliseconds < 950) return `${Math.round(milliseconds)} ms`;
  const seconds2 = milliseconds / 1e3;
  if (seconds2 < 99.95) return `${seconds2.toFixed(1)} s`;
  const whole = Math.round(seconds2);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}
function size(bytes2) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, bytes2 < 1e3 ? 0 : Math.floor(Math.log10(bytes2) / 3));
  const value = bytes2 / 1e3 ** power;
  return `${power === 0 ? value : value.toFixed(value < 99.95 ? 1 : 0)} ${units[power]}`;
}
var short = (digest) => digest.replace(/^.*sha256:/, "").slice(0, 12);

// src/report/markdown.ts
var entities2 = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
var html = (text5) => text5.replace(/[&<>]/g, (character) => entities2[character] ?? "").replace(/\s*\n\s*/g, " ");
var prose = (text5) => html(text5).replace(/[\\`*_[\]|~]/g, "\\$&");
var code = (text5) => `<code>${html(text5).replace(/[|`*_~\\]/g, (character) => `&#${character.charCodeAt(0)};`)}</code>`;
var link = (shown2, url) => url === void 0 ? shown2 : `<a href="${url.replaceAll('"', "%22").replaceAll("&", "&amp;")}">${shown2}</a>`;
function table(rows) {
  const [head = [], ...body] = rows;
  return [head, head.map(() => "---"), ...body].map((cells2) => `| ${cells2.join(" | ")} |`).join("\n");
}
function block(text5, language = "text") {
  const longest3 = Math.max(2, ...[...text5.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest3 + 1);
  return `${fence}${language}
${text5.trimEnd()}
${fence}`;
}
var fold = (title, body) => `<details><summary>${title}</summary>

${body}

</details>`;

// src/report/timeline.ts
function timeline(stages) {
  const start = Math.min(...stages.map(({ begin }) => begin));
  const bars = stages.map((stage) => `  ${bar(stage, start)}`);
  return block(["gantt", "  dateFormat x", "  axisFormat %M:%S", ...bars].join("\n"), "mermaid");
}
function bar({ title, begin, end, failed }, start) {
  const name2 = `${title.replace(/[:;#,]/g, " ")} (${duration(end - begin)})`;
  return `${name2} :${failed ? "crit" : "done"}, ${begin - start}, ${Math.max(end - start, begin - start + 1)}`;
}

// src/report/summary.ts
function renderSummary(report, context2) {
  const sections = [
    `### ${headline(report)}`,
    report.failure && failure(report),
    (report.image ?? report.deploy) && table(releaseRows(report, context2)),
    report.image && platforms(report.image),
    report.image && tags(report.image),
    report.warnings.length > 0 && report.warnings.map((text5) => `> ⚠️ ${prose(text5)}`).join("\n>\n"),
    report.stages.length > 0 && fold(`Timeline: ${duration(total(report))}`, timeline(report.stages))
  ];
  return `${sections.filter(Boolean).join("\n\n")}
`;
}
var total = ({ stages }) => Math.max(...stages.map(({ end }) => end)) - Math.min(...stages.map(({ begin }) => begin));
function headline({ end, image, deploy: deploy2 }) {
  const where2 = deploy2 === void 0 ? "" : ` on ${code(deploy2.target)}`;
  const what = deploy2 === void 0 ? "" : deploy2.services.map(code).join(", ");
  const serving = deploy2?.serving === void 0 ? "" : code(short(deploy2.serving));
  const digest = image?.digest === void 0 ? "the image" : code(short(image.digest));
  switch (end) {
    case "released":
      return deploy2?.previous !== void 0 && deploy2.previous === deploy2.serving ? `✅ ${what} runs ${serving}${where2}, as before` : `🚢 ${what} runs ${serving}${where2}`;
    case "pushed":
      return `📦 ${digest} is pushed`;
    case "built":
      return "🔨 The image is built; nothing was pushed";
    case "planned":
      return `📝 Dry run: nothing was changed${where2}`;
    case "superseded":
      return `⏭️ A newer release serves${where2} already; nothing was changed`;
    case "rolled-back":
      return `↩️ ${what} failed and was rolled back: ${serving} serves again${where2}`;
    case "removed":
      return `🗑️ ${what} failed and was removed: nothing served before${where2}`;
    case "broken":
      return `🚨 ${what} is broken${where2}: look at the server now`;
    case "failed":
      return deploy2 === void 0 ? "❌ Failed" : `❌ Failed; nothing was changed${where2}`;
    case "cancelled":
      return "🛑 Cancelled";
  }
}
function failure({ failure: failed, deploy: deploy2 }) {
  const parts = failed?.problems.map(
    ({ cause, remedy, output }) => [
      `**${prose(cause)}**`,
      remedy && prose(remedy),
      output && fold("The last lines it printed", block(output))
    ].filter(Boolean).join("\n\n")
  );
  const log2 = deploy2?.log && fold("The last lines of the container that failed", block(deploy2.log));
  return [...parts ?? [], log2].filter(Boolean).join("\n\n");
}
function releaseRows({ image, deploy: deploy2 }, context2) {
  const commit2 = link(
    code(context2.sha.slice(0, 7)),
    `${context2.serverUrl}/${context2.repository}/commit/${context2.sha}`
  );
  const rows = [
    image && ["Image", image.digest === void 0 ? code(image.repository) : pinned(image)],
    context2.sha !== "" && ["Commit", commit2],
    deploy2 && ["Server", where(deploy2)],
    deploy2 && ["Release", change(deploy2)]
  ];
  return [["", ""], ...rows.filter((row) => row !== void 0 && row !== false)];
}
var pinned = ({ repository, digest = "", url }) => link(code(`${repository}@sha256:${short(digest)}`), url);
var where = ({ target, project, services }) => `${services.map(code).join(", ")} of project ${code(project)} on ${code(target)}`;
function change({ previous, serving }) {
  const from = previous === void 0 ? "nothing" : code(short(previous));
  const to = serving === void 0 ? "nothing" : code(short(serving));
  return from === to ? `${to}, unchanged` : `${from} → ${to}`;
}
function platforms({ platforms: list5 }) {
  if (list5.length === 0) return void 0;
  const compared = list5.some(({ before }) => before !== void 0);
  const head = ["Platform", "Size", ...compared ? ["Since the last release"] : []];
  const rows = list5.map(({ platform: platform2, size: bytes2, before }) => [
    code(platform2),
    bytes2 === void 0 ? "" : size(bytes2),
    ...compared ? [delta(bytes2, before)] : []
  ]);
  return table([head, ...rows]);
}
function delta(now, before) {
  if (now === void 0 || before === void 0) return "new";
  if (now === before) return "same";
  return `${now > before ? "+" : "−"}${size(Math.abs(now - before))}`;
}
function tags({ tags: list5 }) {
  if (list5.length === 0) return void 0;
  return fold(
    `${list5.length} ${list5.length === 1 ? "tag" : "tags"}`,
    list5.map((tag) => `- ${code(tag)}`).join("\n")
  );
}

// src/report/tell.ts
function tell(log2, error2) {
  if (error2 instanceof Failure) for (const problem2 of error2.problems) tellProblem(log2, error2.stage, problem2);
  else log2.error(fault(error2), { title: "slipway: a fault of its own" });
}
function tellProblem(log2, stage, { cause, remedy, output }) {
  for (const line of output?.split("\n") ?? []) log2.foreign(`  ${line}`);
  log2.error(remedy === void 0 ? cause : `${cause}
${remedy}`, { title: `slipway: ${stage}` });
}
var fault = (error2) => error2 instanceof Error ? error2.stack ?? error2.message : String(error2);

// src/report/write.ts
async function writeReport(report, { log: log2, context: context2, env: env2 }) {
  if (report.failure !== void 0) tell(log2, report.failure);
  const { deploy: deploy2, end } = report;
  setOutputs({
    "rolled-back": end === "rolled-back" ? "true" : "false",
    ...deploy2?.serving === void 0 ? {} : { deployed: deploy2.serving },
    ...deploy2?.previous === void 0 ? {} : { previous: deploy2.previous }
  });
  if (env2["GITHUB_STEP_SUMMARY"] !== void 0)
    await summary.addRaw(renderSummary(report, context2)).write();
  return good.has(end);
}
var good = /* @__PURE__ */ new Set(["released", "pushed", "built", "planned", "superseded"]);

// src/pipeline.ts
async function launch(inputs2, unknown2, world2) {
  const journal = openJournal(world2);
  const report = await journal.conclude(() => story(inputs2, unknown2, world2, journal));
  return writeReport(report, world2);
}
async function story(inputs2, unknown2, world2, journal) {
  var _stack = [];
  try {
    const plan = await makePlan(inputs2, unknown2, world2);
    plan.warnings.forEach(journal.warn);
    const ready = __using(_stack, await journal.stage("Check everything first", () => getReady(plan, world2, journal.warn)), true);
    const image = await journal.stage(buildTitle(plan), () => produce(plan, ready));
    journal.note({ image });
    const { deploy: deploy2 } = plan;
    if (deploy2 === void 0 || ready.server === void 0)
      return { end: pushes(plan.build.result) ? "pushed" : "built" };
    return await release({ ...plan, deploy: deploy2 }, image, ready.server, world2, journal);
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise = __callDispose(_stack, _error, _hasError);
    _promise && await _promise;
  }
}
function buildTitle({ build: build2 }) {
  const verbs = pushes(build2.result) ? "Build and push" : "Build";
  return build2.platforms.length === 0 ? `${verbs} the image` : `${verbs} for ${build2.platforms.join(" and ")}`;
}

// src/state.ts
var name = "undo";
var records2 = [];
function remaining(left) {
  records2 = left;
  saveState(name, JSON.stringify(records2));
}
function remember(record) {
  remaining([...records2, record]);
}
function forgetRun() {
  remaining(records2.filter(({ kind }) => kind !== "run"));
}

// src/world.ts
var ownEnvironment = (env2) => Object.fromEntries(
  Object.entries(env2).flatMap(
    ([name2, value]) => value === void 0 || /^(?:INPUT|STATE)_/.test(name2) ? [] : [[name2, value]]
  )
);

// src/main.ts
var inputs = readInputs(process.env);
var eventPath = process.env["GITHUB_EVENT_PATH"];
var context = readContext(process.env, eventPath === void 0 ? "" : (0, import_node_fs3.readFileSync)(eventPath, "utf8"));
var log = context.onRunner ? runnerLog() : plainLog(process.stdout);
for (const name2 of inputNames) if (isSecret(name2)) log.mask(inputs[name2]);
var cancel = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => cancel.abort());
var env = ownEnvironment(process.env);
var world = { run: localRun(env), log, context, env, cancelled: cancel.signal, remember, forgetRun };
launch(inputs, unknownInputs(process.env), world).then(
  (passed) => {
    if (!passed) process.exitCode = ExitCode.Failure;
  },
  (error2) => {
    tell(log, error2);
    process.exitCode = ExitCode.Failure;
  }
);
