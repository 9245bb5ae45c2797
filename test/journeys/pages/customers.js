// The page of an API for its customers. Its backend knows who is signed in, and gives it tokens of portal sessions.

document.querySelector('keytide-keys').fetchToken = async () => {
  const response = await fetch('/session', { method: 'POST' });
  const { token } = await response.json();
  return token;
};
