using Auie.Api.Access;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Auie.Api;

/// <summary>What OpenAPI says beyond the routes themselves: the key, which scope each operation asks of it, and the refusals that all share.</summary>
internal static class OpenApiDescription
{
    public const string Document = "v1";
    private const string KeyScheme = "key";

    public static void Describe(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "AUIE, the Adaptive User Interaction Engine",
                Version = Document,
                Description = "Users, segments, recomputation, tables of numbers, and events. Errors are problem details (RFC 9457) with a stable code. A query parameter that an operation does not have is refused.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                [KeyScheme] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    Description = "A key, made by 'auie keys new'. Not asked for where the engine answers only to its own machine.",
                },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var scope = context.Description.ActionDescriptor.EndpointMetadata.OfType<RequiredScope>().LastOrDefault();
            if (scope is null) return Task.CompletedTask;
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(KeyScheme, context.Document)] = [scope.Name] }];
            operation.Responses ??= [];
            operation.Responses.TryAdd("400", new OpenApiResponse { Description = "The request is wrong; the problem says where." });
            operation.Responses.TryAdd("401", new OpenApiResponse { Description = "A key is needed." });
            operation.Responses.TryAdd("403", new OpenApiResponse { Description = $"The key lacks the scope {scope.Name}, or the request is another site's." });
            operation.Responses.TryAdd("503", new OpenApiResponse { Description = "The engine is overloaded or did not answer in time; see Retry-After." });
            return Task.CompletedTask;
        });
    }
}
