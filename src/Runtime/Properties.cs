using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Auie.Runtime.Tests")]
[assembly: InternalsVisibleTo("Auie.Bench")]
