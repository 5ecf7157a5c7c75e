using System.Collections.Frozen;
using Auie.Api.Answers;
using Auie.Client;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Routing;

namespace Auie.Api;

/// <summary>
/// Refuses a query parameter that the operation does not have, which is most often a misspelt one and would be passed over in silence, one that is given twice where one is meant, and one of a question that is empty. What each operation has is read from its own
/// description, the one that OpenAPI tells.
/// </summary>
public sealed class QueryNames(RequestDelegate next, IApiDescriptionGroupCollectionProvider descriptions)
{
    // Several values, whether parted by commas or given one by one; and a list of none is one.
    private static readonly FrozenSet<string> Lists = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "atLeast", "exclude", "steps", "columns");

    private readonly Lazy<FrozenDictionary<(string Method, string Path), string[]>> _known = new(() => descriptions.ApiDescriptionGroups.Items.SelectMany(group => group.Items)
        .DistinctBy(KeyOf).ToFrozenDictionary(KeyOf, one => one.ParameterDescriptions.Where(parameter => parameter.Source == BindingSource.Query).Select(parameter => parameter.Name).ToArray()));

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Query.Count == 0 || !context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
            || context.GetEndpoint() is not RouteEndpoint { RoutePattern.RawText: { } path } || !_known.Value.TryGetValue((context.Request.Method, path.TrimStart('/')), out var names))
            return next(context);
        foreach (var name in names)
        {
            if (Lists.Contains(name)) continue;
            var given = context.Request.Query[name];
            if (given.Count > 1) return Problems.Write(context, Problems.Invalid(name, $"is given {given.Count} times; one is meant"));
            // What is sent with an order may mean something though it is empty: a question that is empty asks nothing.
            if (HttpMethods.IsGet(context.Request.Method) && given.Count == 1 && string.IsNullOrEmpty(given[0])) return Problems.Write(context, Problems.Invalid(name, "is empty: say what is meant, or leave it out"));
        }

        return context.Request.Query.Keys.FirstOrDefault(given => !names.Contains(given, StringComparer.OrdinalIgnoreCase)) is { } unknown
            ? Problems.Write(context, Problems.Invalid(unknown, Spelling.Closest(unknown, names) is { } closest
                ? $"is no parameter of this operation; the closest is {closest} (there {(names.Length == 1 ? "is" : "are")} {string.Join(", ", names)})"
                : "is no parameter of this operation, which has none"))
            : next(context);
    }

    private static (string Method, string Path) KeyOf(ApiDescription one) => (one.HttpMethod ?? HttpMethods.Get, one.RelativePath ?? "");
}
