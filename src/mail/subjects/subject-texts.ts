/** The sentences of a mail to a subject, in one language. */
export interface SubjectTexts {
  /** The locale in which moments are formatted. */
  readonly locale: string;
  /** The subject of a mail about so many keys. The first of them stops on a day. */
  subjectLine(count: number, day: string): string;
  introduction(count: number): string;
  /** What to do, and by when. */
  useIt(moment: string): string;
  renewIt(moment: string): string;
  notNeeded: string;
  /** Before the moment of the last use of a key, or `never`. */
  readonly lastUse: string;
  readonly never: string;
  /** Before the labels of a key. */
  readonly labels: string;
  /** How many labels are not shown. */
  more(count: number): string;
  /** A key whose name is not shown, by the start of its secret. */
  secretBegins(start: string): string;
  whyThisMail(sender: string): string;
  reply: string;
  /** The link to the page with the keys. */
  seeKeys: string;
  stop: string;
  /** The page that stops the mails. */
  readonly page: {
    readonly title: string;
    readonly question: string;
    readonly done: string;
    readonly wrongLink: string;
  };
}

const en: SubjectTexts = {
  locale: 'en-GB',
  subjectLine: (count, day) =>
    count === 1
      ? `Your API key stops working on ${day}`
      : `${count} of your API keys stop working, the first on ${day}`,
  introduction: (count) =>
    count === 1
      ? 'Act now if you still need this API key: it stops working soon.'
      : 'Act now if you still need these API keys: they stop working soon.',
  useIt: (moment) => `Use it once before ${moment}, or it stops working then.`,
  renewIt: (moment) => `Renew or replace it before ${moment}, or your programs fail from then on.`,
  notNeeded: 'If you no longer need it, do nothing.',
  lastUse: 'Last use',
  never: 'never',
  labels: 'Labels',
  more: (count) => `${count} more`,
  secretBegins: (start) => `The API key that begins with ${start}`,
  whyThisMail: (sender) => `You get this mail because ${sender} gave this address for notices about API keys.`,
  reply: 'If you have a question, reply to this mail.',
  seeKeys: 'See your API keys',
  stop: 'Stop these mails',
  page: {
    title: 'Mails about your API keys',
    question: 'Stop these mails? You will get no mail any more before an API key stops working.',
    done: 'You will not get these mails any more.',
    wrongLink: 'This link is incomplete or wrong. Copy the whole link from the mail, or reply to the mail.',
  },
};

const de: SubjectTexts = {
  locale: 'de-DE',
  subjectLine: (count, day) =>
    count === 1
      ? `Ihr API-Schlüssel funktioniert nur noch bis zum ${day}`
      : `${count} Ihrer API-Schlüssel laufen ab, der erste am ${day}`,
  introduction: (count) =>
    count === 1
      ? 'Bitte handeln Sie, wenn Sie diesen API-Schlüssel noch brauchen: Er funktioniert bald nicht mehr.'
      : 'Bitte handeln Sie, wenn Sie diese API-Schlüssel noch brauchen: Sie funktionieren bald nicht mehr.',
  useIt: (moment) => `Verwenden Sie ihn einmal vor ${moment}, sonst funktioniert er danach nicht mehr.`,
  renewIt: (moment) => `Verlängern oder ersetzen Sie ihn vor ${moment}, sonst schlagen Ihre Programme danach fehl.`,
  notNeeded: 'Wenn Sie ihn nicht mehr brauchen, müssen Sie nichts tun.',
  lastUse: 'Zuletzt verwendet',
  never: 'nie',
  labels: 'Labels',
  more: (count) => `${count} weitere`,
  secretBegins: (start) => `Der API-Schlüssel, der mit ${start} beginnt`,
  whyThisMail: (sender) =>
    `Sie erhalten diese Mail, weil ${sender} diese Adresse für Hinweise zu API-Schlüsseln angegeben hat.`,
  reply: 'Wenn Sie Fragen haben, antworten Sie auf diese Mail.',
  seeKeys: 'Ihre API-Schlüssel ansehen',
  stop: 'Diese Mails abbestellen',
  page: {
    title: 'Mails zu Ihren API-Schlüsseln',
    question:
      'Diese Mails abbestellen? Sie erhalten dann keine Mail mehr, bevor ein API-Schlüssel nicht mehr funktioniert.',
    done: 'Sie erhalten diese Mails nicht mehr.',
    wrongLink:
      'Dieser Link ist unvollständig oder falsch. Kopieren Sie den ganzen Link aus der Mail, oder antworten Sie auf die Mail.',
  },
};

const fr: SubjectTexts = {
  locale: 'fr-FR',
  subjectLine: (count, day) =>
    count === 1
      ? `Votre clé d’API cessera de fonctionner le ${day}`
      : `${count} de vos clés d’API cesseront de fonctionner, la première le ${day}`,
  introduction: (count) =>
    count === 1
      ? 'Agissez maintenant si vous avez encore besoin de cette clé d’API : elle cessera bientôt de fonctionner.'
      : 'Agissez maintenant si vous avez encore besoin de ces clés d’API : elles cesseront bientôt de fonctionner.',
  useIt: (moment) => `Utilisez-la une fois avant ${moment}, sinon elle cessera alors de fonctionner.`,
  renewIt: (moment) => `Renouvelez-la ou remplacez-la avant ${moment}, sinon vos programmes échoueront ensuite.`,
  notNeeded: 'Si vous n’en avez plus besoin, ne faites rien.',
  lastUse: 'Dernière utilisation',
  never: 'jamais',
  labels: 'Étiquettes',
  more: (count) => `${count} autre${count === 1 ? '' : 's'}`,
  secretBegins: (start) => `La clé d’API qui commence par ${start}`,
  whyThisMail: (sender) =>
    `Vous recevez ce message parce que ${sender} a indiqué cette adresse pour les avis concernant les clés d’API.`,
  reply: 'Si vous avez une question, répondez à ce message.',
  seeKeys: 'Voir vos clés d’API',
  stop: 'Ne plus recevoir ces messages',
  page: {
    title: 'Messages concernant vos clés d’API',
    question: 'Ne plus recevoir ces messages ? Vous ne serez plus averti avant qu’une clé d’API cesse de fonctionner.',
    done: 'Vous ne recevrez plus ces messages.',
    wrongLink: 'Ce lien est incomplet ou incorrect. Copiez le lien entier du message, ou répondez au message.',
  },
};

const es: SubjectTexts = {
  locale: 'es-ES',
  subjectLine: (count, day) =>
    count === 1
      ? `Su clave de API dejará de funcionar el ${day}`
      : `${count} de sus claves de API dejarán de funcionar, la primera el ${day}`,
  introduction: (count) =>
    count === 1
      ? 'Actúe ahora si todavía necesita esta clave de API: pronto dejará de funcionar.'
      : 'Actúe ahora si todavía necesita estas claves de API: pronto dejarán de funcionar.',
  useIt: (moment) => `Úsela una vez antes del ${moment}; si no, dejará de funcionar en ese momento.`,
  renewIt: (moment) =>
    `Renuévela o sustitúyala antes del ${moment}; si no, sus programas fallarán a partir de entonces.`,
  notNeeded: 'Si ya no la necesita, no haga nada.',
  lastUse: 'Último uso',
  never: 'nunca',
  labels: 'Etiquetas',
  more: (count) => `${count} más`,
  secretBegins: (start) => `La clave de API que empieza por ${start}`,
  whyThisMail: (sender) =>
    `Recibe este mensaje porque ${sender} indicó esta dirección para los avisos sobre claves de API.`,
  reply: 'Si tiene alguna pregunta, responda a este mensaje.',
  seeKeys: 'Ver sus claves de API',
  stop: 'No recibir más estos mensajes',
  page: {
    title: 'Mensajes sobre sus claves de API',
    question: '¿No recibir más estos mensajes? Ya no se le avisará antes de que una clave de API deje de funcionar.',
    done: 'Ya no recibirá estos mensajes.',
    wrongLink:
      'Este enlace está incompleto o es incorrecto. Copie el enlace completo del mensaje o responda al mensaje.',
  },
};

/** The languages of mails to subjects, by their subtag (BCP 47). */
export const textsByLanguage: Readonly<Record<string, SubjectTexts>> = { en, de, fr, es };

/** Returns the language of the texts for a language, as its subtag: en if there are no texts in it. */
export function textLanguageOf(language: string | null): string {
  const subtag = (language ?? 'en').split('-', 1)[0]?.toLowerCase() ?? 'en';
  return Object.hasOwn(textsByLanguage, subtag) ? subtag : 'en';
}

/** Returns the texts in a language such as de or de-AT. English: no language is given, or there are no texts in it. */
export function textsFor(language: string | null): SubjectTexts {
  return textsByLanguage[textLanguageOf(language)] ?? en;
}
