// The expected texts come from moment 2.30 with moment-timezone 0.6.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDate } from '../../../src/image/date.ts'

const january = new Date('2020-01-10T00:30:05.123Z')
const sunday = new Date('2023-01-01T12:05:09.007Z')
const leapDay = new Date('2024-02-29T23:59:59.999Z')

const formatted: readonly [date: Date, format: string, zone: string, expected: string][] = [
  [january, 'YYYYMMDD-HHmmss', 'UTC', '20200110-003005'],
  [january, 'YYYYMMDD-HHmmss', 'Asia/Tokyo', '20200110-093005'],
  [january, 'YYYYMMDD-HHmm Z ZZ', 'America/New_York', '20200109-1930 -05:00 -0500'],
  [january, 'HH:mm Z', 'Asia/Kathmandu', '06:15 +05:45'],
  [january, 'HH:mm', 'asia/tokyo', '09:30'],
  [january, 'HH:mm z', 'utc', '00:30 UTC'],
  [january, '', 'UTC', '2020-01-10T00:30:05Z'],
  [january, '', 'Asia/Tokyo', '2020-01-10T09:30:05+09:00'],
  [january, 'YYYY-MM-DDTHH:mm:ss.SSS[Z]', 'UTC', '2020-01-10T00:30:05.123Z'],
  [january, 'dddd, MMMM Do YYYY, h:mm:ss a', 'UTC', 'Friday, January 10th 2020, 12:30:05 am'],
  [january, 'X x', 'UTC', '1578616205 1578616205123'],
  [january, 'yyyyMMdd', 'UTC', '202001Fr'],
  [january, 'YY M D H h k m s S SS', 'UTC', '20 1 10 0 12 24 30 5 1 12'],
  [january, '[week] W, [it is] \\Y', 'UTC', 'week 2, it is Y'],
  [sunday, 'w ww gggg, W WW GGGG', 'UTC', '1 01 2023, 52 52 2022'],
  [sunday, 'd e E do ddd dd', 'UTC', '0 0 7 0th Sun Su'],
  [sunday, 'DDDD DDD DDDo Q Qo Mo', 'UTC', '001 1 1st 1 1st 1st'],
  [
    leapDay,
    'LT | LTS | L | LL | LLLL',
    'UTC',
    '11:59 PM | 11:59:59 PM | 02/29/2024 | February 29, 2024 | Thursday, February 29, 2024 11:59 PM',
  ],
  [
    leapDay,
    'l | ll | lll | llll',
    'UTC',
    '2/29/2024 | Feb 29, 2024 | Feb 29, 2024 11:59 PM | Thu, Feb 29, 2024 11:59 PM',
  ],
  [leapDay, 'Hmm Hmmss hmm A a', 'UTC', '2359 235959 1159 PM pm'],
  [leapDay, 'DD', 'Pacific/Auckland', '01'],
]

for (const [date, format, zone, expected] of formatted) {
  test(`formatDate: ${JSON.stringify(format)} in ${zone}`, () => {
    assert.equal(formatDate(date, format, zone), expected)
  })
}

test('formatDate: rejects an unknown zone, and a zone name outside UTC', () => {
  assert.throws(() => formatDate(january, 'YYYY', 'Mars/Olympus'), /time zone `Mars\/Olympus`/)
  assert.throws(() => formatDate(january, 'YYYY zz', 'Europe/Paris'), /`zz`/)
})
