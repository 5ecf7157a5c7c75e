using System.Net;
using System.Text;
using Auie.Api.Answers;
using Auie.Client.Keys;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Auie.Api.Access;

/// <summary>
/// Who may ask what. With keys, every request brings one (Authorization: Bearer, or X-Api-Key) that has the endpoint's scope. Without
/// keys only this machine is answered, and of its browsers' pages only the engine's own: the Host header stops a foreign name that was
/// made to resolve to this machine (DNS rebinding), Origin and Sec-Fetch-Site stop a foreign page (cross-site request forgery). Endpoints that
/// allow anonymous requests are answered in any case.
/// </summary>
public sealed class AccessControl(RequestDelegate next, AuieApiOptions options)
{
    private static readonly string[] ThisMachine = ["localhost", "127.0.0.1", "[::1]"];

    public Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<IAllowAnonymous>() is not null) return next(context);
        if (!options.Keys.IsEmpty && endpoint?.Metadata.GetMetadata<KeyInBody>() is not null && SecretOf(context.Request, basic: true) is null)
        {
            // The endpoint asks, once it has read the body.
            context.Features.Set(new OwedKey(options.Keys, RequiredBy(endpoint)));
            return next(context);
        }

        var refusal = options.Keys.IsEmpty ? RefusalWithoutKeys(context) : RefusalByKey(context, endpoint);
        return refusal is null ? next(context) : Problems.Write(context, refusal);
    }

    private Problem? RefusalByKey(HttpContext context, Endpoint? endpoint)
    {
        // What routing itself answers (no such path, method or content type) is told to every key.
        var required = endpoint is RouteEndpoint ? RequiredBy(endpoint) : null;
        return Refusal(context, options.Keys, SecretOf(context.Request, basic: endpoint?.Metadata.GetMetadata<KeyInBody>() is not null), required);
    }

    /// <summary>Why a key does not open what asks for a scope, or null where it does.</summary>
    internal static Problem? Refusal(HttpContext context, KeyStore keys, string? secret, RequiredScope? required)
    {
        if ((secret is null ? null : keys.Find(secret)) is not { } key)
        {
            var tracking = context.GetEndpoint()?.Metadata.GetMetadata<KeyInBody>() is not null;
            context.Response.Headers.WWWAuthenticate = tracking ? "Basic realm=\"auie\", Bearer realm=\"auie\"" : "Bearer realm=\"auie\"";
            return new(StatusCodes.Status401Unauthorized, "key_required", tracking
                ? "A known key is needed: 'Authorization: Basic base64(KEY:)', 'writeKey' in the body, 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'."
                : "A known key is needed: 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'.");
        }

        Caller.Is(context, key.Name, key.Scopes);
        return required is null || key.Scopes.HasFlag(required.Scopes)
            ? null
            : new(StatusCodes.Status403Forbidden, "scope_missing", $"The key '{key.Name}' does not have the scope '{required.Name}'.");
    }

    private static RequiredScope RequiredBy(Endpoint endpoint) => endpoint.Metadata.GetMetadata<RequiredScope>() ?? new RequiredScope(Scopes.Admin);

    private Problem? RefusalWithoutKeys(HttpContext context)
    {
        var request = context.Request;
        if (context.Connection.RemoteIpAddress is { } remote && !IPAddress.IsLoopback(remote))
            return Forbidden("other_machine", "Without keys the engine answers only to its own machine.");
        if (!Contains(ThisMachine, request.Host.Host) && !Contains(options.AllowedHosts, request.Host.Host))
            return Forbidden("host_not_allowed", "The Host header does not name this machine; without keys no other name is answered.");

        string? origin = request.Headers.Origin;
        if (origin is not null)
        {
            return string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase) || Contains(options.AllowedOrigins, origin)
                ? null
                : Forbidden("origin_not_allowed", "The request comes from another site's page.");
        }

        return (string?)request.Headers["Sec-Fetch-Site"] is null or "same-origin" or "none"
            ? null
            : Forbidden("origin_not_allowed", "The request comes from another site's page.");
    }

    private static string? SecretOf(HttpRequest request, bool basic)
    {
        const string bearer = "Bearer ";
        string? authorization = request.Headers.Authorization;
        if (authorization is not null && authorization.StartsWith(bearer, StringComparison.OrdinalIgnoreCase))
            return authorization[bearer.Length..].Trim();
        return basic && BasicUser(authorization) is { } user ? user : request.Headers["X-Api-Key"];
    }

    /// <summary>The user's name of Authorization: Basic, which is where the tracking protocol has its key; the password is left empty.</summary>
    private static string? BasicUser(string? authorization)
    {
        const string scheme = "Basic ";
        if (authorization is null || !authorization.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var decoded = new byte[authorization.Length];
        return Convert.TryFromBase64String(authorization[scheme.Length..].Trim(), decoded, out var length)
            ? Encoding.UTF8.GetString(decoded, 0, length).Split(':')[0]
            : "";
    }

    private static Problem Forbidden(string code, string detail) => new(StatusCodes.Status403Forbidden, code, detail);

    private static bool Contains(string[] names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);
}
