// Wörter der Ansicht „sign-in“.
export default {
  'title': 'Anmelden',
  'intro': 'Melde dich mit einem API-Schlüssel an.',
  'why': 'Melde dich mit einem API-Schlüssel an, um weiterzumachen. Was du eingegeben hast, ist noch da.',
  'key': 'API-Schlüssel',
  'show': 'Schlüssel anzeigen',
  'submit': 'Anmelden',
  'wrong': 'Dieser Schlüssel gilt hier nicht.',
  'empty': 'Gib einen API-Schlüssel ein.',
  'where': 'Ein Schlüssel beginnt mit genapi_. Hast du keinen, frag die Person, die diesen Dienst betreibt.',
  'done': 'Du bist als {name} angemeldet',
  'begin': 'Ein Bild erzeugen',
};
