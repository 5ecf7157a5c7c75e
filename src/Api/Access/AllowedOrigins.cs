namespace Auie.Api.Access;

/// <summary>The origins whose pages may send events, as they are configured.</summary>
public static class AllowedOrigins
{
    /// <summary>The entry that stands for every origin.</summary>
    public const string Any = "*";

    /// <summary>What is wrong with the entries, or null: one that no browser's Origin header can be would let nobody in, and nobody would know why.</summary>
    public static string? Problem(IReadOnlyList<string> origins)
    {
        for (var i = 0; i < origins.Count; i++)
        {
            var origin = origins[i];
            if (origin == Any) continue;
            var read = Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Host.Length > 0 ? uri : null;
            if (read is not null && string.Equals(OriginOf(read), origin, StringComparison.OrdinalIgnoreCase)) continue;
            var meant = read ?? (!origin.Contains("://", StringComparison.Ordinal) && Uri.TryCreate($"https://{origin}", UriKind.Absolute, out var withScheme) ? withScheme : null);
            return $"Api:AllowedOrigins:{i} is '{origin}', which is no page's origin: that is a scheme, a host and, where it is not the scheme's usual one, a port, as in "
                + $"{(meant is null ? "https://shop.example" : OriginOf(meant))}.";
        }

        return null;
    }

    /// <summary>As browsers write it.</summary>
    private static string OriginOf(Uri uri)
    {
        var host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
        return uri.IsDefaultPort ? $"{uri.Scheme}://{host}" : $"{uri.Scheme}://{host}:{uri.Port}";
    }
}
