// What a conversation needs once it has begun. Fetched while nobody waits for it.
import './words'

export * from '../app/line'
export { upload } from '../app/upload'
export { After } from './after'
export { PreChat } from './PreChat'
export { Rich } from './Rich'
export { Head, Lost, Said } from './said'
export { files, Tool, Tools } from './Tools'
export { Unsent } from './Unsent'
