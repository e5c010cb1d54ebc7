// The validator is someone else's server: nothing of the document leaves this origin.
globalThis.SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', deepLinking: true, validatorUrl: null })
