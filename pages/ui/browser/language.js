// The page says in which language it is and to which side it reads.

export default function ({ data }) {
  const { language, direction } = data;
  document.documentElement.lang = language;
  document.documentElement.dir = direction;
}
