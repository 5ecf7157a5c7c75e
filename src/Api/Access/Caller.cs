using Microsoft.AspNetCore.Http;

namespace Auie.Api.Access;

/// <summary>Who asks, by the name of their key, for the audit.</summary>
internal static class Caller
{
    /// <summary>Who asks where the engine has no keys: this machine.</summary>
    public const string ThisMachine = "loopback";

    public static string Of(HttpContext context) => context.Items[typeof(Caller)] as string ?? ThisMachine;

    public static void Is(HttpContext context, string key) => context.Items[typeof(Caller)] = key;
}
