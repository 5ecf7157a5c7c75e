using Auie.Client.Keys;
using Microsoft.AspNetCore.Builder;

namespace Auie.Api.Access;

/// <summary>What an endpoint asks of a key. An endpoint that declares nothing asks for everything.</summary>
public sealed record RequiredScope(Scopes Scopes)
{
    /// <summary>The scope by the name that key files use.</summary>
    public string Name => Scopes switch
    {
        Scopes.Read => "read",
        Scopes.Write => "write",
        _ => "admin",
    };
}

/// <summary>Declares scopes.</summary>
public static class RequiredScopeExtensions
{
    public static TBuilder RequireScope<TBuilder>(this TBuilder builder, Scopes scope) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RequiredScope(scope));
}
