import { said, t } from '../app/i18n'
import { chat, s } from '../app/state'
import { chats, Icon } from './icons'
import { browse, Close } from './parts'

const Tongue = browse((m) => m.Tongue)
const Before = browse((m) => m.Before)
const Top = browse((m) => m.Top)

export const Start = () => <button class="btn pri xl" onClick={() => chat()}><Icon d={chats} n={16} />{t('start')}</button>

export const Home = () => (
  <div class="home scroll">
    <header class="fx"><span class="logo" /><b class="cut sp">{s.config.name}</b><Tongue /><Close /></header>
    <h1 tabIndex={-1}>{said(s.config.greeting) || t('greeting')}</h1>
    <Before />
    <Start />
    <Top />
  </div>
)
