namespace Auie.Core.Insights;

/// <summary>In which groups users are who are told apart by one thing: what many have in common is looked up once. Good for one pass over the columns.</summary>
/// <param name="by">One of <see cref="AudienceRow.Names"/>.</param>
/// <param name="year">The year at which ages are told.</param>
/// <param name="told">Whose values are told by themselves, any other as <see cref="AudienceRow.Others"/>; null for all that there are.</param>
internal sealed class AudienceGroups(string by, int year, IReadOnlySet<string>? told)
{
    private string[]?[] _byCode = [];

    public IReadOnlyList<string> Of(AudienceRow row)
    {
        if (row.CodeOf(by) is not { } code) return row.Values(by, year, told);
        if (code >= _byCode.Length) Array.Resize(ref _byCode, Math.Max(code + 1, 2 * _byCode.Length));
        return _byCode[code] ??= [.. row.Values(by, year, told)];
    }
}
