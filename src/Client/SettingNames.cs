using Microsoft.Extensions.Configuration;

namespace Auie.Client;

/// <summary>
/// Sees to it that settings are called what they are called: one that does not exist is most often a misspelt one, which would be passed over in silence. And that their values can be read.
/// </summary>
public static class SettingNames
{
    /// <summary>The engine's sections of a configuration.</summary>
    public static IReadOnlyList<string> Sections { get; } = ["Engine", "Runtime", "Store", "Api", "Cluster"];

    private static readonly string[] WithFramework = [.. Sections, "Logging", "Kestrel"];

    /// <summary>Reads a section whose every setting is a property of <typeparamref name="T"/>; null where there is no setting.</summary>
    /// <param name="path">Where the section is, for the sentence.</param>
    /// <exception cref="InvalidOperationException">There is no such setting, or its value cannot be read.</exception>
    public static T? Read<T>(this IConfiguration section, string path)
        where T : class, new()
    {
        Check<T>(section, path);
        return section.Get<T>();
    }

    /// <summary>Sees to it that every setting of a section is a property of <typeparamref name="T"/>, and its value one of that.</summary>
    /// <exception cref="InvalidOperationException">One is not.</exception>
    public static void Check<T>(this IConfiguration section, string path)
        where T : class, new()
    {
        var known = typeof(T).GetProperties().Where(property => property.SetMethod is { IsPublic: true }).ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var given in section.GetChildren())
        {
            if (!known.TryGetValue(given.Key, out var property))
                throw new InvalidOperationException($"There is no setting {path}:{given.Key}; the closest is {path}:{Spelling.Closest(given.Key, known.Keys)}.");
            if (SettingValues.Problem(given, property) is { } problem)
                throw new InvalidOperationException($"{path}:{property.Name} {problem}");
        }
    }

    /// <summary>Sees to it that a setting of the command line is not in a section whose name is nearly one that there is. Others may be the framework's.</summary>
    /// <exception cref="InvalidOperationException">One is.</exception>
    public static void CheckSections(IEnumerable<string> settings)
    {
        foreach (var setting in settings)
        {
            var name = setting.TrimStart('-').Split('=')[0];
            var section = name.Split(':')[0];
            if (section.Length == name.Length || WithFramework.Contains(section, StringComparer.OrdinalIgnoreCase))
                continue;
            if (WithFramework.FirstOrDefault(known => Spelling.Edits(known, section) <= 2) is { } meant)
                throw new InvalidOperationException($"There is no setting {name}; the closest section to {section} is {meant}.");
        }
    }
}
