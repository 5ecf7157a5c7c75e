using System.Globalization;

namespace Auie.Client;

/// <summary>How long calls may take.</summary>
public static partial class CallLimit
{
    /// <summary>As the interface says of a method.</summary>
    /// <exception cref="InvalidOperationException">It does not, or there is no such method.</exception>
    public static TimeSpan Of<TGrain>(string method) =>
        typeof(TGrain).GetMethod(method)?.CustomAttributes.FirstOrDefault(one => one.AttributeType == typeof(ResponseTimeoutAttribute))?.ConstructorArguments[0].Value is string limit
            ? TimeSpan.Parse(limit, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"{typeof(TGrain).Name}.{method} does not say how long it may take.");
}
