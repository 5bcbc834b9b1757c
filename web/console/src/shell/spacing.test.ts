import { expect, it } from 'vitest'
import { spaced } from './spacing'

it.each([
  ['a Latin name after Chinese', '回复Ada，输入', '回复 Ada，输入'],
  ['a Latin name before Chinese', 'Ada正在输入', 'Ada 正在输入'],
  ['figures', '还有3分钟', '还有 3 分钟'],
  ['Chinese alone', '顾晚正在输入', '顾晚正在输入'],
  ['English alone', 'Ada is typing', 'Ada is typing'],
  ['a ticket', '已转为工单#1042', '已转为工单 #1042'],
])('%s', (_, given, want) => expect(spaced(given)).toBe(want))
