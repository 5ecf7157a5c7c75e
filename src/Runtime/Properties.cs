using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Auie.Runtime.Tests")]
