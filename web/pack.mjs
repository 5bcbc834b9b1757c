// Leaves a brotli and a gzip form beside each built file that gains by it, so
// that the server compresses nothing while it answers.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const worth = /\.(html|js|css|json|svg|txt|webmanifest|map)$/
const forms = {
  '.br': (data) => brotliCompressSync(data, {
    params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: data.length },
  }),
  '.gz': (data) => gzipSync(data, { level: 9 }),
}

function* files(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* files(path)
    else yield path
  }
}

for (const folder of process.argv.slice(2)) {
  for (const path of [...files(folder)]) {
    if (!worth.test(path)) continue
    const data = readFileSync(path)
    for (const [suffix, pack] of Object.entries(forms)) {
      const packed = pack(data)
      if (packed.length < data.length * 0.95) writeFileSync(path + suffix, packed)
      else rmSync(path + suffix, { force: true })
    }
  }
}
