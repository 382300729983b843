/** What the opener of the popup hears over its WebSocket. The stock browser client reads these names. */
export type PopupMessage =
  | { message_type: 'success'; provider_config_key: string; connection_id: string; is_pending: false }
  | { message_type: 'error'; provider_config_key?: string; error_type: string; error_desc: string; diagnosis?: unknown }

/** Topic on the bus: the socket may be on another node than the callback. */
export const POPUP_TOPIC = 'popup'

export interface RelayedMessage {
  wsClientId: string
  message: PopupMessage
}
