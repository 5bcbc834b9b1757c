const hue = (name: string) => [...name].reduce((h, c) => (h * 31 + c.codePointAt(0)!) % 360, 7)

export const Face = ({ name, size = '', src }: { name: string; size?: string; src?: string }) => (
  <span class={'av ' + size} style={{ '--h': hue(name) }} aria-hidden="true">{src ? <img src={src} alt="" /> : [...name][0]}</span>
)
