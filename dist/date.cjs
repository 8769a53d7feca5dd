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
var numbers = (name, value) => ({
  [name]: (clock) => String(value(clock)),
  [name + name]: (clock) => pad(value(clock), 2),
  [`${name}o`]: (clock) => ordinal(value(clock))
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

// src/image/time-zone.ts
function wallClock(instant, zone) {
  if (/^(?:Etc\/)?UTC$/i.test(zone)) return { instant, local: instant, offset: 0, utc: true };
  const local = localDate(instant, zone);
  if (local === void 0) return void 0;
  const seconds = Math.floor(instant.getTime() / 1e3) * 1e3;
  return { instant, local, offset: Math.round((wholeSeconds(local) - seconds) / 6e4), utc: false };
}
var wholeSeconds = (date2) => Math.floor(date2.getTime() / 1e3) * 1e3;
function localDate(instant, timeZone) {
  const fields = clockFields(instant, timeZone);
  if (fields === void 0) return void 0;
  const { year: year2 = 0, month: month2 = 1, day: day2 = 1, hour: hour2 = 0, minute: minute2 = 0, second: second2 = 0 } = fields;
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
  } catch (error) {
    if (error instanceof RangeError) return void 0;
    throw error;
  }
}

// src/image/date.ts
var longest = Math.max(...Object.keys(tokens).map((name) => name.length));
function formatDate(instant, format, zone) {
  const clock = wallClock(instant, zone);
  if (clock === void 0) throw new import_shared.TemplateError(`names the time zone \`${zone}\`, which there is not`);
  const usual = clock.utc ? "YYYY-MM-DDTHH:mm:ss[Z]" : "YYYY-MM-DDTHH:mm:ssZ";
  let text = "";
  for (let rest = expand(format === "" ? usual : format); rest !== ""; ) {
    const [used, said] = next(clock, rest);
    text += said;
    rest = rest.slice(used);
  }
  return text;
}
var expand = (format) => format.replace(/\[[^[]*?\]|\\?(?:LTS|LT|L{1,4}|l{1,4})/g, (found) => composed[found] ?? found);
function next(clock, rest) {
  const [literal, inner] = /^\[([^[]*?)\]/.exec(rest) ?? [];
  if (literal !== void 0) return [literal.length, inner ?? ""];
  if (rest.startsWith("\\") && rest.length > 1) {
    const name2 = tokenAt(rest.slice(1)) ?? rest.charAt(1);
    return [name2.length + 1, name2];
  }
  const name = tokenAt(rest);
  if (name === void 0) return zoneName(clock, rest) ?? [1, rest.charAt(0)];
  return [name.length, tokens[name]?.(clock) ?? ""];
}
function zoneName(clock, rest) {
  const [token] = /^zz?/.exec(rest) ?? [];
  if (token === void 0) return void 0;
  if (clock.utc) return [token.length, "UTC"];
  throw new import_shared.TemplateError(
    `has a date with \`${token}\`, the name of a time zone, which is known of UTC alone`,
    "Write `Z` for its offset."
  );
}
function tokenAt(rest) {
  for (let length = Math.min(longest, rest.length); length > 0; length--) {
    const name = rest.slice(0, length);
    if (Object.hasOwn(tokens, name)) return name;
  }
  return void 0;
}
module.exports = {
  formatDate
};
