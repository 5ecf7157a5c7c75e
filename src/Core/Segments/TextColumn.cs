using System.Runtime.InteropServices;

namespace Auie.Core.Segments;

/// <summary>A column of texts of which many rows have the same: each text is kept once, as long as a row has it, and four bytes a row. Every row begins as the empty text. Not safe for several threads at once.</summary>
internal sealed class TextColumn
{
    private readonly List<int> _rows = [];
    private readonly Dictionary<string, int> _codes = [];
    private readonly List<(string Text, int Rows)> _texts = [("", 0)];
    private readonly Stack<int> _free = [];

    public int Count => _rows.Count;

    /// <summary>Above the code of every text.</summary>
    public int Codes => _texts.Count;

    /// <summary>The text of a row; empty for none.</summary>
    public string this[int row]
    {
        get => _texts[_rows[row]].Text;
        set
        {
            if (this[row] == value)
                return;
            Leave(_rows[row]);
            _rows[row] = Enter(value);
        }
    }

    /// <summary>What rows of the same text have in common, as long as no row changes; 0 is the empty text's.</summary>
    public int Code(int row) => _rows[row];

    public string TextOf(int code) => _texts[code].Text;

    public void AddRow() => _rows.Add(0);

    private int Enter(string text)
    {
        if (text.Length == 0)
            return 0;
        if (!_codes.TryGetValue(text, out var code))
        {
            if (!_free.TryPop(out code))
            {
                code = _texts.Count;
                _texts.Add(default);
            }

            _texts[code] = (text, 0);
            _codes[text] = code;
        }

        CollectionsMarshal.AsSpan(_texts)[code].Rows++;
        return code;
    }

    private void Leave(int code)
    {
        if (code == 0 || --CollectionsMarshal.AsSpan(_texts)[code].Rows > 0)
            return;
        _codes.Remove(_texts[code].Text);
        _texts[code] = ("", 0);
        _free.Push(code);
    }
}
