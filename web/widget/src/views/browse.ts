// What is looked at beside a conversation: the rest of the home screen, help, lists, tickets.
import './words'

export { Ask } from './Ask'
export { Article } from './Article'
export { Help } from './Help'
export { LinkLost } from './LinkLost'
export { Messages } from './Messages'
export { Offline } from './Offline'
export { Tickets } from './Tickets'
export { Before, Tongue, Top } from './home'
export { Tabs } from './Tabs'
