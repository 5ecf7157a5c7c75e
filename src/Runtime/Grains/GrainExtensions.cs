using System.Globalization;
using Auie.Runtime.Activations;
using Auie.Runtime.Invocation;

namespace Auie.Runtime;

/// <summary>What can be asked of a grain, by itself, and of a reference to one.</summary>
public static class GrainExtensions
{
    /// <exception cref="ArgumentException">It is neither a grain of this runtime nor a reference to one.</exception>
    public static GrainId GetGrainId(this IAddressable grain) => grain switch
    {
        GrainReference reference => reference.GrainId,
        IGrainBase { GrainContext: { } context } => context.GrainId,
        _ => throw new ArgumentException($"{grain} is neither a grain nor a reference to one.", nameof(grain)),
    };

    public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().Key;

    /// <exception cref="InvalidOperationException">The key is not a number.</exception>
    public static long GetPrimaryKeyLong(this IAddressable grain) =>
        long.TryParse(grain.GetGrainId().Key, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var key)
            ? key
            : throw new InvalidOperationException($"The key of {grain.GetGrainId()} is not a number.");

    /// <exception cref="InvalidOperationException">The key is not a GUID.</exception>
    public static Guid GetPrimaryKey(this IAddressable grain) => Guid.TryParseExact(grain.GetGrainId().Key, "N", out var key)
        ? key
        : throw new InvalidOperationException($"The key of {grain.GetGrainId()} is not a GUID.");

    /// <summary>A reference to the grain by another of its interfaces; what a grain hands out in the place of <c>this</c>.</summary>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) => grain switch
    {
        GrainReference reference => reference.Host.Reference<TGrainInterface>(reference.GrainId),
        IGrainBase { GrainContext: Activation activation } => activation.Host.Reference<TGrainInterface>(activation.GrainId),
        _ => throw new ArgumentException($"{grain} is neither a grain nor a reference to one.", nameof(grain)),
    };
}
