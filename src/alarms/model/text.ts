/** Text for people in the two languages of the boards. */
export interface Text {
  readonly zh: string;
  readonly en: string;
}
