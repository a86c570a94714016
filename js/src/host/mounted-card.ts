/** A card, with its styles, as it is put into the page. */

import { h } from "preact";
import type { Card } from "../state/card";
import { CardView } from "../view/card";
import { CARD_STYLES } from "./card-styles";
import type { Mounted } from "./mount";

export const cardToMount = (card: Card): Mounted => ({
  styles: CARD_STYLES,
  draw: () => h(CardView, { card }),
  store: card.store,
});
