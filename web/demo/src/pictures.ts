// The goods, drawn. Each picture is a 400 px square of plain shapes in the colour of the variant.

/** Shop names of colours and what they look like. */
export const COLOURS: Record<string, string> = {
  'maple red': '#b5584c', 'mist green': '#8a9a86', oat: '#d9cdb8', 'slate blue': '#54606e', black: '#34322f', cream: '#e9e1d2',
  'forest green': '#47604f', charcoal: '#56544f', mustard: '#c79b45', camel: '#b98f62', grey: '#a3a19b', white: '#f4f1ea', navy: '#36445c',
  sand: '#cdb899', 'sky blue': '#9db8c8', rust: '#b0603a', champagne: '#dcc7a6', clear: '#cfdedd', amber: '#c98b45', cedar: '#8b6a4f', fig: '#6f6480',
}

const mix = (a: string, b: string, part: number) => {
  const at = (c: string, i: number) => parseInt(c.slice(1 + 2 * i, 3 + 2 * i), 16)
  return '#' + [0, 1, 2].map((i) => Math.round(at(a, i) * (1 - part) + at(b, i) * part).toString(16).padStart(2, '0')).join('')
}

interface Paint { c: string; d: string; dd: string; l: string; id: string }

const line = (p: Paint, d: string, w = 3) => `<path d="${d}" fill="none" stroke="${p.d}" stroke-width="${w}" stroke-linecap="round" stroke-linejoin="round"/>`
const shape = (fill: string, d: string, edge = 'none') => `<path d="${d}" fill="${fill}" stroke="${edge}" stroke-width="2.5" stroke-linejoin="round"/>`
const knit = (p: Paint, w = 13) => `<defs><pattern id="${p.id}" width="${w}" height="${w * 0.8}" patternUnits="userSpaceOnUse"><rect width="${w}" height="${w}" fill="${p.c}"/><path d="M0 ${-w * 0.2}L${w / 2} ${w * 0.4}L${w} ${-w * 0.2}M0 ${w * 0.6}L${w / 2} ${w * 1.2}L${w} ${w * 0.6}" fill="none" stroke="${p.d}" stroke-width="${w * 0.22}"/></pattern></defs>`
const ribs = (p: Paint, w = 12) => `<defs><pattern id="${p.id}" width="${w}" height="8" patternUnits="userSpaceOnUse"><rect width="${w}" height="8" fill="${p.c}"/><rect width="${w * 0.25}" height="8" fill="${p.d}"/></pattern></defs>`
const weave = (p: Paint) => `<defs><pattern id="${p.id}" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="${p.c}"/><path d="M0 2H5M4 6H8" stroke="${p.l}" stroke-width="1.5"/></pattern></defs>`
const self = (p: Paint) => `url(#${p.id})`

const TOP = 'M148 78C120 86 96 100 84 124C70 154 56 236 46 300L84 312C94 268 104 226 116 196L112 336H288L284 196C296 226 306 268 316 312L354 300C344 236 330 154 316 124C304 100 280 86 252 78'
const SHORT = 'M146 84C116 92 92 106 76 130L44 204L92 226L116 182L112 336H288L284 182L308 226L356 204L324 130C308 106 284 92 254 84'
const buttons = (p: Paint, from: number, to: number, n: number) => Array.from({ length: n }, (_, i) => `<circle cx="200" cy="${from + ((to - from) * i) / (n - 1)}" r="4.5" fill="${p.l}" stroke="${p.d}"/>`).join('')

const draw: Record<string, (p: Paint) => string> = {
  cardigan: (p) => knit(p) + shape(self(p), TOP + 'L200 176Z', p.d) + line(p, 'M116 196C118 170 122 150 126 136M284 196C282 170 278 150 274 136') + shape(p.d, 'M112 320H288V338H112ZM45 298L84 310L82 322L43 310ZM355 298L316 310L318 322L357 310Z') + shape(p.c, 'M148 78L158 72L200 166L242 72L252 78L209 178V338H191V178Z', p.d) + buttons(p, 198, 312, 5),
  'down-jacket': (p) => shape(p.c, TOP + 'Q200 110 148 78Z', p.d) + line(p, 'M114 236Q200 250 286 236M113 278Q200 292 287 278M115 196Q200 212 285 196M122 158Q200 174 278 158M66 216Q86 226 108 220M56 258Q78 270 96 264M334 216Q314 226 292 220M344 258Q322 270 304 264', 3.5) + shape(p.d, 'M112 322H288V338H112Z') + shape(p.c, 'M150 80Q146 46 172 40H228Q254 46 250 80Q200 104 150 80Z', p.d) + line(p, 'M200 98V336', 5) + line(p, 'M154 62Q200 82 246 62', 3) + shape(p.l, 'M195 112H205V128H195Z'),
  socks: (p) => ribs(p, 9) + [[0, 0], [86, 22]].map(([x, y]) => `<g transform="translate(${x} ${y})">` + shape(self(p), 'M112 66H186V206Q186 222 198 236L228 268Q248 292 228 310Q206 326 182 308L128 258Q112 242 112 218Z', p.d) + shape(p.d, 'M108 60H190V92H108Z') + shape(p.l, 'M214 254L228 268Q248 292 228 310Q216 319 202 316Q190 284 214 254Z') + '</g>').join(''),
  scarf: (p) => weave(p) + shape(self(p), 'M126 96Q200 56 274 96Q300 128 262 158L250 170L262 322H196L190 186Q140 178 118 150Q108 118 126 96Z', p.d) + shape(p.c, 'M118 150Q140 178 190 186Q240 190 262 158Q206 168 118 116Q110 134 118 150Z', p.d) + shape(self(p), 'M150 174L142 300H196L194 186Q170 184 150 174Z', p.d) + line(p, 'M204 322V344M218 322V344M232 322V344M246 322V344M258 322V344M148 300V322M160 300V322M172 300V322M184 300V322', 3),
  't-shirt': (p) => shape(p.c, SHORT + 'Q200 132 146 84Z', p.d) + line(p, 'M146 84Q200 132 254 84', 6) + line(p, 'M116 182L118 150M284 182L282 150M112 324H288M52 200L94 220M348 200L306 220', 2.5),
  'linen-shirt': (p) => weave(p) + shape(self(p), TOP + 'L200 120Z', p.d) + line(p, 'M200 120V336M116 196C118 170 122 150 126 136M284 196C282 170 278 150 274 136') + shape(p.c, 'M150 78L172 60L200 104L178 132ZM250 78L228 60L200 104L222 132Z', p.d) + buttons(p, 150, 316, 6) + shape('none', 'M224 186H262V226L243 236L224 226Z', p.d),
  'corduroy-trousers': (p) => ribs(p, 10) + shape(self(p), 'M130 62H270L290 342H222L200 152L178 342H110Z', p.d) + shape(p.d, 'M129 62H271L273 86H127Z') + line(p, 'M200 86V152M132 96Q150 128 128 140M268 96Q250 128 272 140') + shape(p.l, 'M194 68H206V80H194Z'),
  beanie: (p) => knit(p, 16) + `<circle cx="200" cy="84" r="30" fill="${p.l}" stroke="${p.d}" stroke-width="2.5" stroke-dasharray="3 5"/>` + shape(self(p), 'M104 262Q92 110 200 106Q308 110 296 262Z', p.d) + ribs({ ...p, id: p.id + 'r' }, 14) + shape(`url(#${p.id}r)`, 'M92 246Q200 226 308 246L312 306Q200 286 88 306Z', p.d),
  'shell-jacket': (p) => shape(p.c, TOP + 'Q200 118 148 78Z', p.d) + shape(p.dd, 'M112 236L116 196C104 208 96 240 92 262ZM288 236L284 196C296 208 304 240 308 262Z') + shape(p.d, 'M146 82Q140 36 200 32Q260 36 254 82Q228 112 200 112Q172 112 146 82Z') + shape(p.dd, 'M164 80Q162 54 200 52Q238 54 236 80Q218 98 200 98Q182 98 164 80Z') + line(p, 'M200 112V336', 5) + line(p, 'M140 250L172 230M260 250L228 230', 4) + shape(p.l, 'M236 158H264V166H236Z'),
  'silk-pyjamas': (p) => shape(p.c, 'M150 56C124 62 104 74 94 92L58 188L98 202L120 152L118 236H282L280 152L302 202L342 188L306 92C296 74 276 62 250 56L200 124Z', p.d) + shape(p.l, 'M150 56L168 50L200 110L232 50L250 56L206 136V236H194V136Z', p.d) + buttons(p, 152, 222, 3) + shape(p.c, 'M124 256H276L300 350H214L200 292L186 350H100Z', p.d) + line(p, 'M124 268H276M190 268L182 290M210 268L218 290') + line({ ...p, d: p.l }, 'M104 344H184M216 344H296', 3),
  'linen-bedding': (p) => weave(p) + shape(p.dd, 'M56 300H344V330H56Z') + shape(p.l, 'M60 204H340V304H60Z', p.d) + shape(self(p), 'M60 236Q200 218 340 236V304H60Z', p.d) + shape(p.c, 'M74 152Q138 138 190 152Q198 180 190 206Q136 218 74 206Q66 180 74 152ZM210 152Q264 138 326 152Q334 180 326 206Q268 218 210 206Q202 180 210 152Z', p.d) + line(p, 'M60 250Q200 232 340 250M96 262V300M250 258V302') + line(p, 'M70 330V346M330 330V346', 6),
  'glass-cup': (p) => [[60, 0], [198, 40]].map(([x, y]) => `<g transform="translate(${x} ${y})">` + shape(p.l, 'M10 92H132L122 274Q120 290 104 290H38Q22 290 20 274Z', p.d) + `<path d="M30 124H112L106 240Q104 258 71 258Q38 258 36 240Z" fill="${p.c}" stroke="${p.d}" stroke-width="2"/>` + shape('#ffffff88', 'M24 104H36L44 264H34Z') + `<ellipse cx="71" cy="92" rx="61" ry="10" fill="none" stroke="${p.d}" stroke-width="2.5"/></g>`).join(''),
  candle: (p) => shape('#e9d8bd', 'M118 148H282V300Q282 330 252 330H148Q118 330 118 300Z', p.d) + `<ellipse cx="200" cy="148" rx="82" ry="20" fill="#f6ecd9" stroke="${p.d}" stroke-width="2.5"/>` + shape('#f0b45c', 'M200 70Q226 106 200 134Q174 106 200 70Z') + shape('#fae3a8', 'M200 96Q212 114 200 130Q188 114 200 96Z') + line({ ...p, d: '#55483a' }, 'M200 130V148', 4) + shape(p.c, 'M146 204H254V280H146Z') + line({ ...p, d: p.l }, 'M164 232H236M178 252H222', 4),
  throw: (p) => weave(p) + [0, 1, 2].map((i) => shape(i % 2 ? p.c : self(p), `M${74 - i * 4} ${244 - i * 50}Q200 ${228 - i * 50} ${326 + i * 4} ${244 - i * 50}V${292 - i * 50}Q200 ${276 - i * 50} ${74 - i * 4} ${292 - i * 50}Z`, p.d)).join('') + line(p, Array.from({ length: 15 }, (_, i) => `M${80 + i * 17} ${290 - Math.sin((i / 14) * Math.PI) * 8}v24`).join(''), 3),
  'cast-iron-pan': (p) => shape(p.d, 'M258 244L352 338Q366 352 352 362Q340 370 328 356L238 266Z') + `<circle cx="174" cy="178" r="122" fill="${p.c}" stroke="${p.dd}" stroke-width="5"/><circle cx="174" cy="178" r="98" fill="${p.d}"/><circle cx="174" cy="178" r="98" fill="none" stroke="${p.l}" stroke-opacity=".25" stroke-width="3"/><circle cx="343" cy="349" r="7" fill="${p.l}"/>` + line({ ...p, d: p.l }, 'M110 140Q130 108 166 102', 5),
  earbuds: (p) => shape(p.c, 'M96 214Q96 186 124 186H276Q304 186 304 214V282Q304 330 256 330H144Q96 330 96 282Z', p.d) + shape(p.l, 'M104 196Q104 130 160 122H240Q296 130 296 196Z', p.d) + line(p, 'M96 222H304', 3) + `<circle cx="200" cy="258" r="6" fill="#63cfa9"/>` + [[130, 1], [270, -1]].map(([x, s]) => `<g transform="translate(${x} 66) scale(${s} 1)">` + shape(p.c, 'M-22 14Q-22 -18 8 -18Q34 -18 34 8Q34 26 18 32L14 92Q12 102 2 102Q-8 102 -8 92L-6 40Q-22 32 -22 14Z', p.d) + shape(p.dd, 'M-22 2Q-36 6 -34 18Q-30 30 -18 26Z') + '</g>').join(''),
  'smart-lamp': (p) => shape('#f8e6b4', 'M118 150L60 300H240L206 150Z') + line({ ...p, d: p.c }, 'M270 326L256 180L176 96', 12) + `<circle cx="256" cy="180" r="11" fill="${p.d}"/><circle cx="176" cy="96" r="9" fill="${p.d}"/>` + shape(p.c, 'M186 82L214 122Q178 170 106 168Q98 112 186 82Z', p.d) + shape(p.c, 'M206 322H334Q342 322 342 332V342H198V332Q198 322 206 322Z', p.d) + `<circle cx="300" cy="332" r="4" fill="#63cfa9"/>`,
  kettle: (p) => shape(p.c, 'M118 132H260L288 318Q290 334 274 334H110Q94 334 96 318Z', p.d) + shape(p.d, 'M120 132Q128 92 189 92Q250 92 258 132Z') + `<circle cx="189" cy="86" r="12" fill="${p.dd}"/>` + shape(p.c, 'M118 150L70 128L62 142L108 210Z', p.d) + line({ ...p, d: p.dd }, 'M262 150Q340 150 334 214Q330 266 284 276', 16) + shape(p.dd, 'M88 334H296V348H88Z') + line({ ...p, d: p.l }, 'M132 176L122 288', 6),
  humidifier: (p) => line({ ...p, d: '#c9d6d6' }, 'M176 92Q160 70 180 52Q196 36 182 18M224 92Q240 70 222 54Q208 40 222 22M200 86Q190 66 204 48', 7) + shape(p.c, 'M126 168Q126 104 200 104Q274 104 274 168V300Q274 336 238 336H162Q126 336 126 300Z', p.d) + `<ellipse cx="200" cy="112" rx="30" ry="8" fill="${p.dd}"/>` + line(p, 'M126 236H274', 3) + shape(p.l, 'M140 250H260V300Q260 322 238 322H162Q140 322 140 300Z') + `<circle cx="200" cy="196" r="15" fill="none" stroke="${p.dd}" stroke-width="4"/>`,
  'power-bank': (p) => shape(p.c, 'M120 76Q120 52 144 52H256Q280 52 280 76V324Q280 348 256 348H144Q120 348 120 324Z', p.d) + shape(p.dd, 'M168 62H232V74H168Z') + [0, 1, 2, 3].map((i) => `<circle cx="${173 + i * 18}" cy="112" r="5" fill="${i < 3 ? '#63cfa9' : p.d}"/>`).join('') + line({ ...p, d: p.d }, 'M210 168L178 218H222L190 268', 7) + line({ ...p, d: p.l }, 'M134 84V316', 5),
}

const GROUNDS = ['#efe6dc', '#e9e8e0', '#e6e7e0', '#ece8df', '#e6e8ea']
let made = 0

/** A picture of a product in a colour; `label` is what it shows, in words. */
export function picture(image: string, colour: string | undefined, label: string): SVGSVGElement {
  const c = COLOURS[colour ?? ''] ?? '#b7a78f'
  const paint: Paint = { c, d: mix(c, '#1c1712', 0.24), dd: mix(c, '#1c1712', 0.42), l: mix(c, '#ffffff', 0.42), id: 'k' + ++made }
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 400 400')
  svg.setAttribute('role', 'img')
  svg.setAttribute('aria-label', label)
  const ground = GROUNDS[[...image].reduce((n, x) => n + x.charCodeAt(0), 0) % GROUNDS.length]
  svg.innerHTML = `<rect width="400" height="400" fill="${ground}"/>` + (draw[image] ?? draw.throw!)(paint)
  return svg
}

/** The pictures there are, so that a pack with another product is noticed. */
export const pictures = Object.keys(draw)
