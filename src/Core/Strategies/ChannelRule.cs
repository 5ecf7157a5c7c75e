using System.Collections.Immutable;

namespace Auie.Core.Strategies;

/// <summary>How many of somebody's events came from each channel.</summary>
public readonly record struct ChannelUse(long Web, long Mobile, long Email)
{
    public long Of(string channel) => channel switch { "web" => Web, "mobile" => Mobile, "email" => Email, _ => 0 };
}

/// <summary>Through what a strategy's members are reached.</summary>
/// <param name="Allowed">The channels that may be used, in the order in which they are preferred.</param>
/// <param name="ByUse">Whether each member is reached through that of them which they use most; else through the first that they use at all.</param>
/// <param name="Otherwise">For who uses none of them; "" where it is then not known through what.</param>
public sealed record ChannelRule(ImmutableArray<string> Allowed, bool ByUse, string Otherwise)
{
    /// <summary>All that there are; of equal use the first of these.</summary>
    public static ImmutableArray<string> All { get; } = ["web", "mobile", "email"];

    /// <summary>What each member uses most: of a strategy that says nothing of channels.</summary>
    public static ChannelRule Usual { get; } = new(All, ByUse: true, "");

    /// <summary>The channel for somebody; "" where none is known.</summary>
    public string For(ChannelUse use)
    {
        var used = Allowed.Where(channel => use.Of(channel) > 0).DefaultIfEmpty(Otherwise);
        return ByUse ? used.MaxBy(use.Of)! : used.First();
    }

    /// <summary>The same as a person would say it.</summary>
    public string InWords
    {
        get
        {
            var which = Allowed.Length == 1 ? Allowed[0] : ByUse ? $"whichever of {string.Join(", ", Allowed)} each uses most" : $"the first of {string.Join(", ", Allowed)} that each uses";
            return Otherwise.Length == 0 || (Allowed.Length == 1 && Allowed[0] == Otherwise) ? which : $"{which}, else {Otherwise}";
        }
    }
}
