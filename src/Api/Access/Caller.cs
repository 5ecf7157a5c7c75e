using Auie.Api.Answers;
using Auie.Client.Keys;
using Microsoft.AspNetCore.Http;

namespace Auie.Api.Access;

/// <summary>Who asks, by the name of their key, for the audit; and what else their key opens.</summary>
internal static class Caller
{
    /// <summary>Who asks where the engine has no keys: this machine.</summary>
    public const string ThisMachine = "loopback";

    public static string Of(HttpContext context) => Key(context)?.Name ?? ThisMachine;

    public static void Is(HttpContext context, string key, Scopes scopes) => context.Items[typeof(Caller)] = new Known(key, scopes);

    /// <summary>Why an answer may not hold what the scope read is for, or null where it may.</summary>
    /// <param name="asked">What of the request asks for that.</param>
    public static Problem? RefusalToRead(HttpContext context, string asked) => Key(context) is not { } key || key.Scopes.HasFlag(Scopes.Read)
        ? null
        : new(StatusCodes.Status403Forbidden, "scope_missing", $"{asked} needs the scope 'read', which the key '{key.Name}' does not have. Nothing of the request was taken in.");

    private static Known? Key(HttpContext context) => context.Items[typeof(Caller)] as Known;

    private sealed record Known(string Name, Scopes Scopes);
}
