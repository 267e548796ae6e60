// Given to the library by hand: its own way of naming plugins (eval) would need a policy that lets any text run as script.
addEventListener("DOMContentLoaded", () => {
  const make = window.SwaggerUIBundle;
  window.SwaggerUIBundle = Object.assign(config => make({ ...config, plugins: [GenApiPictures] }), make);
});

// A plugin of Swagger UI: shows the images that an answer speaks of below its JSON, instead of leaving the reader to copy an address.
function GenApiPictures() {
  const imagesIn = value => Array.isArray(value) ? value.flatMap(imagesIn)
    : value === null || typeof value !== "object" ? []
    : typeof value.url === "string" && String(value.content_type).startsWith("image/") ? [value.url]
    : Object.values(value).flatMap(imagesIn);
  const parse = text => {
    try { return JSON.parse(text); } catch { return null; }
  };
  return {
    wrapComponents: {
      responseBody: (Original, { React }) => props => React.createElement("div", null,
        React.createElement(Original, props),
        [...new Set(imagesIn(parse(props.content)))].map(url =>
          React.createElement("a", { key: url, href: url, target: "_blank" },
            React.createElement("img", { className: "genapi-picture", src: url, loading: "lazy", style: { maxWidth: 320, maxHeight: 320, margin: "12px 12px 12px 0" } })))),
    },
  };
}
