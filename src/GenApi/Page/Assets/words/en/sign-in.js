// Words of the view "sign-in".
export default {
  'title': 'Sign in',
  'intro': 'Sign in with an API key.',
  'why': 'Sign in with an API key to go on. What you typed is still there.',
  'key': 'API key',
  'show': 'Show the key',
  'submit': 'Sign in',
  'wrong': 'This key is not valid here.',
  'empty': 'Enter an API key.',
  'where': 'A key begins with genapi_. If you have none, ask the person who runs this service.',
  'done': 'You are signed in as {name}',
  'begin': 'Make a picture',
};
