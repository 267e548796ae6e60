namespace GenApi.Tests.Architecture;

/// <summary>Finds what depends on itself.</summary>
internal static class Circles
{
    /// <summary>Each circle as a sorted list of its members (Tarjan's strongly connected components of more than one).</summary>
    public static IReadOnlyList<IReadOnlyList<string>> In(IReadOnlyDictionary<string, SortedSet<string>> uses)
    {
        var (index, low) = (new Dictionary<string, int>(), new Dictionary<string, int>());
        var (stack, circles) = (new Stack<string>(), new List<IReadOnlyList<string>>());
        foreach (var each in uses.Keys.Where(each => !index.ContainsKey(each)))
            Visit(each);
        return circles;

        void Visit(string each)
        {
            index[each] = low[each] = index.Count;
            stack.Push(each);
            foreach (var used in uses[each].Where(uses.ContainsKey))
            {
                if (!index.ContainsKey(used))
                    Visit(used);
                if (stack.Contains(used))
                    low[each] = Math.Min(low[each], low[used]);
            }
            if (low[each] != index[each])
                return;
            var members = new List<string>();
            string member;
            do
                members.Add(member = stack.Pop());
            while (member != each);
            if (members.Count > 1)
                circles.Add([.. members.Order(StringComparer.Ordinal)]);
        }
    }
}
