using System.Globalization;
using Auie.Abstractions;

namespace Auie.Grains;

/// <summary>Whom a request is about, in words.</summary>
internal static class AudienceWords
{
    /// <summary>That nobody is meant, with what nobody matches.</summary>
    public static string Nobody(AudienceRequest request)
    {
        string[] filters = [.. Filters(request)];
        return filters.Length == 0 ? "nobody is in the engine yet" : $"nobody matches: {string.Join(", ", filters)}";
    }

    /// <summary>Why the version of a model is 0 in what would tell of segments; null where one is published.</summary>
    public static string? NoSegmentation(long? version) => version is null ? "no segmentation published yet" : null;

    private static IEnumerable<string> Filters(AudienceRequest request)
    {
        if (request.Segment is { } segment) yield return Text($"segment {segment}");
        if (request.Locale is { } locale) yield return $"locale {locale}";
        if (request.Gender is { } gender) yield return $"gender {gender}";
        if (request.Platform is { } platform) yield return $"platform {platform}";
        if (request.Place is { } place) yield return $"place {place}";
        if (Range(request.AgeFrom, request.AgeTo) is { } age) yield return $"age {age}";
        if (Range(request.TenureFrom, request.TenureTo) is { } tenure) yield return $"{tenure} months since joining";
        if (Range(request.FriendsFrom, request.FriendsTo) is { } friends) yield return $"{friends} friends";
    }

    private static string? Range(int? from, int? to) => (from, to) switch
    {
        (null, null) => null,
        (_, null) => Text($"{from} or more"),
        (null, _) => Text($"{to} or fewer"),
        _ => from == to ? Text($"{from}") : Text($"{from} to {to}"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
