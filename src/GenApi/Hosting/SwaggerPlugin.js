// Given to the library by hand: its own way of naming plugins (eval) would need a policy that lets any text run as script.
addEventListener("DOMContentLoaded", () => {
  const make = window.SwaggerUIBundle;
  window.SwaggerUIBundle = Object.assign(config => make({ ...config, plugins: [GenApiPage] }), make);
});

// A plugin of Swagger UI. It shows the images that an answer speaks of below its JSON, instead of leaving the reader to copy an address. It
// also keeps the examples of problems closed, of which an operation has fifteen: open, they make a page of 10,000 pixels.
function GenApiPage() {
  const imagesIn = value => Array.isArray(value) ? value.flatMap(imagesIn)
    : value === null || typeof value !== "object" ? []
    : typeof value.url === "string" && String(value.content_type).startsWith("image/") ? [value.url]
    : Object.values(value).flatMap(imagesIn);
  const parse = text => {
    try { return JSON.parse(text); } catch { return null; }
  };
  const after = (path, name) => path[path.indexOf(name) + 1];
  return {
    wrapComponents: {
      modelExample: (Original, { React }) => props => {
        const path = props.specPath.toJS(), example = React.createElement(Original, props);
        return path.includes("responses") && after(path, "responses") >= "400"
          ? React.createElement("details", null, React.createElement("summary", null, after(path, "content")), example)
          : example;
      },
      responseBody: (Original, { React }) => props => React.createElement("div", null,
        React.createElement(Original, props),
        [...new Set(imagesIn(parse(props.content)))].map(url =>
          React.createElement("a", { key: url, href: url, target: "_blank" },
            React.createElement("img", { className: "genapi-picture", src: url, loading: "lazy", style: { maxWidth: 320, maxHeight: 320, margin: "12px 12px 12px 0" } })))),
    },
  };
}
