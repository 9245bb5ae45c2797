/** The columns of a removed subject: nothing that names a person. Its labels go too, because they may. */
export const erasedSubject = { externalId: null, name: null, email: null, language: null, labels: [] };
