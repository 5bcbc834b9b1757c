/** Time zones to choose from, with the present one even if the browser does not know it. */
export function zones(present?: string): string[] {
  const known = Intl.supportedValuesOf('timeZone')
  return present && !known.includes(present) ? [present, ...known] : known
}
