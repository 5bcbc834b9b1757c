import type { Locale } from './goods'

export const words = {
  'zh-CN': {
    shop: '云雀', tag: '衣物、家居与小电器', all: '全部', clothing: '衣物', home: '家居', electronics: '小电器', help: '配送与退换', bag: '购物袋', menu: '栏目',
    other: 'English', add: '加入购物袋', added: '已加入购物袋', sold: '售罄', left: '现货 {n} 件，今天 16:00 前付款今天发出', none: '这个组合卖完了，问问客服什么时候补货', count: '{n} 件商品',
    hero: '慢一点做，久一点穿', hero2: '羊毛、亚麻和每天用得上的小东西。', choose: '{what}：{value}', back: '回到全部商品', missing: '没有这个页面', lost: '商品暂时打不开，请稍后再看', foot: '演示店铺：商品、订单和人名都是虚构的。', ask: '问客服',
    empty: '购物袋还是空的', sum: '合计', pay: '演示店铺不收款。想试试下单后的问题，可以直接问客服。', remove: '移除', size_title: '尺码指南', orders: '我的订单', account: '账户',
    sign_in: '选一位顾客，以她或他的身份逛店、问客服。人物都是虚构的。', you_are: '您现在是', sign_out: '退出', sign_first: '先选一位顾客：', ask_order: '想查物流、改地址或退货？把订单号发给客服就行。',
  },
  en: {
    shop: 'Skylark', tag: 'Clothing, home and small electronics', all: 'All', clothing: 'Clothing', home: 'Home', electronics: 'Electronics', help: 'Delivery and returns', bag: 'Bag', menu: 'Sections',
    other: '中文', add: 'Add to bag', added: 'In your bag', sold: 'sold out', left: '{n} in stock. Pay by 16:00 Beijing time and it leaves today', none: 'This combination is sold out. Ask us when it is back', count: '{n} products',
    hero: 'Made slowly, worn for long', hero2: 'Wool, linen, and small things for every day.', choose: '{what}: {value}', back: 'All products', missing: 'There is no such page', lost: 'The products cannot be shown right now', foot: 'A demonstration shop: goods, orders and names are made up.', ask: 'Ask us',
    empty: 'Your bag is empty', sum: 'Total', pay: 'This demonstration takes no money. To try questions about an order, just ask in the chat.', remove: 'Remove', size_title: 'Size guide', orders: 'My orders', account: 'Account',
    sign_in: 'Pick a customer to browse and ask as. They are all made up.', you_are: 'You are', sign_out: 'Sign out', sign_first: 'Pick a customer first:', ask_order: 'To track, change or return something, send its order number in the chat.',
  },
} satisfies Record<Locale, Record<string, string>>

export type Key = keyof (typeof words)['en']

type Section = [title: string, text: string[]]

/** Pages of words. They say what the shop's answers say. */
export const pages: Record<'shipping' | 'returns', Record<Locale, { title: string; sections: Section[] }>> = {
  shipping: {
    'zh-CN': { title: '配送', sections: [
      ['多久能到', ['每天 16:00 前付款的订单当天发出，之后付款的次日发出。', '中国大陆大部分地区 2–4 天，新疆、西藏、青海、内蒙古等地 5–7 天；中国香港、澳门、台湾 4–7 天；其他国家和地区 7–14 天。']],
      ['运费', ['中国大陆满 199 元包邮，不满收 12 元；其他国家和地区满 30 美元包邮，不满收 6 美元。', '加急：大陆 40 多个城市次日达，每单 18 元；海外 3–5 天，每单 15 美元。']],
    ] },
    en: { title: 'Delivery', sections: [
      ['How long it takes', ['Orders paid by 16:00 Beijing time leave the same day, later ones the next day.', 'Mainland China 2–4 days (5–7 for Xinjiang, Tibet, Qinghai and Inner Mongolia), Hong Kong, Macao and Taiwan 4–7, everywhere else 7–14.']],
      ['What it costs', ['Outside mainland China free from 30 USD, 6 USD below. In mainland China free from 199 CNY, 12 CNY below.', 'Express: 3–5 days abroad for 15 USD; next day in over 40 mainland cities for 18 CNY.']],
    ] },
  },
  returns: {
    'zh-CN': { title: '退换', sections: [
      ['期限', ['中国大陆签收后 7 天内、其他国家和地区 14 天内可以无理由退货。商品要没穿过、没洗过、吊牌完好；电器要带齐原包装和配件。']],
      ['怎么退', ['选订单和商品，填写原因。', '4 个工作小时内审核，通过后给您退货编号。', '预约快递上门取件，或自己寄回，把退货编号写在箱内纸条上。', '收到后 2 个工作日内验货并退款。']],
      ['运费', ['中国大陆每个订单的第一次退货由我们出运费，之后每次 12 元；海外每次 6 美元。错发、破损、质量问题都由我们承担。']],
    ] },
    en: { title: 'Returns', sections: [
      ['How long you have', ['14 days after delivery (7 days in mainland China), no reason needed. Unworn, unwashed and tagged; electronics with box and accessories.']],
      ['How it goes', ['Pick the order and items, and give a reason.', 'We approve within 4 working hours and issue a return number.', 'Send it back with the number inside the box, or book a collection in mainland China.', 'We check and refund within 2 working days of arrival.']],
      ['Who pays', ['The first return of an order in mainland China is on us, further ones are 12 CNY; from abroad 6 USD. If it is wrong, damaged or faulty, we always pay.']],
    ] },
  },
}

/** Chest in centimetres by size, as the size answers give it. */
export const SIZES: [string, string][] = [['S', '80–86'], ['M', '86–92'], ['L', '92–98'], ['XL', '98–106']]
export const sizeHead: Record<Locale, [string, string, string]> = {
  'zh-CN': ['尺码', '胸围（cm）', '量一件合身的旧衣服，把胸围和衣长与表里对比最准。针织按平时尺码选，在两码之间选大的；羽绒服偏宽，里面穿得薄可以选小一码。'],
  en: ['Size', 'Chest (cm)', 'Best is to measure a garment that fits you. Knitwear is true to size: between two, take the larger. Down jackets are roomy: take the smaller if you wear a thin layer underneath.'],
}
