/** A page of plain Markdown as elements. Links are not followed: the machine is offline; their address is shown. */
import { Code, Table, Text, Title } from '@mantine/core';
import { type Block, type Inline, parseMarkdown } from './markdown.ts';

/** Pieces never change place within their page, so their number names them. */
const numbered = <T,>(list: readonly T[]): readonly (readonly [string, T])[] => list.map((item, i) => [`n${i}`, item]);

function Words({ content }: { readonly content: readonly Inline[] }) {
  return (
    <>
      {numbered(content).map(([key, part]) => {
        if (part.kind === 'code') return <Code key={key}>{part.text}</Code>;
        if (part.kind === 'strong') return <strong key={key}>{part.text}</strong>;
        if (part.kind === 'emphasis') return <em key={key}>{part.text}</em>;
        if (part.kind === 'link') {
          return (
            <span key={key}>
              {part.text} <span className="mono">({part.target})</span>
            </span>
          );
        }
        return <span key={key}>{part.text}</span>;
      })}
    </>
  );
}

function Piece({ block }: { readonly block: Block }) {
  if (block.kind === 'heading') {
    return (
      <Title order={block.level === 1 ? 3 : block.level === 2 ? 4 : 5} size="h3" mt="sm">
        <Words content={block.content} />
      </Title>
    );
  }
  if (block.kind === 'code') return <Code block>{block.text}</Code>;
  if (block.kind === 'paragraph') {
    return (
      <Text size="sm" my={6}>
        <Words content={block.content} />
      </Text>
    );
  }
  if (block.kind === 'list') {
    const items = numbered(block.items).map(([key, item]) => (
      <li key={key}>
        <Words content={item} />
      </li>
    ));
    return block.ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
  }
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          {numbered(block.head).map(([key, cell]) => (
            <Table.Th key={key}>
              <Words content={cell} />
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {numbered(block.rows).map(([row, cells]) => (
          <Table.Tr key={row}>
            {numbered(cells).map(([key, cell]) => (
              <Table.Td key={key}>
                <Words content={cell} />
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

export function Markdown({ text }: { readonly text: string }) {
  return (
    <div className="page">
      {numbered(parseMarkdown(text)).map(([key, block]) => (
        <Piece key={key} block={block} />
      ))}
    </div>
  );
}
