using Auie.Api.Answers;
using Microsoft.AspNetCore.Http;

namespace Auie.Api.Access;

/// <summary>
/// Declares that callers of an endpoint may bring their key in the body. It is let through without one, and has to ask
/// <see cref="OwedKey"/> before it does anything with the body.
/// </summary>
internal sealed record KeyInBody;

/// <summary>A key that a request still owes.</summary>
internal sealed class OwedKey(KeyStore keys, RequiredScope required)
{
    /// <summary>Why the key that the body holds does not do, or null where it does.</summary>
    public Problem? Refusal(HttpContext context, string? secret) => AccessControl.Refusal(context, keys, secret, required);
}
