import type { SFTPWrapper } from "ssh2";
import type { SshSessions } from "./ssh-sessions.ts";

/** Status codes of SFTP that are met with another way (draft-ietf-secsh-filexfer-02, section 7). */
export const sftpStatus = { noSuchFile: 2, permissionDenied: 3 } as const;

/** Read a whole file. Rejects with the error of SFTP, see {@link sftpCode}. */
export function readOverSftp(sessions: SshSessions, path: string): Promise<Buffer> {
  return withSftp(sessions, (sftp) =>
    settle<Buffer>((done) => {
      sftp.readFile(path, done);
    }),
  );
}

/** Write a file beside its place and rename it there: it is complete or not there at all. `mode` is that of chmod(2). */
export function writeOverSftp(sessions: SshSessions, path: string, content: Buffer, mode: number): Promise<void> {
  const temporary = `${path}.kestrel-part`;
  return withSftp(sessions, async (sftp) => {
    await settle<undefined>((done) => {
      sftp.writeFile(temporary, content, { mode }, done);
    });
    try {
      await settle<undefined>((done) => {
        sftp.chmod(temporary, mode, done);
      });
      await settle<undefined>((done) => {
        sftp.ext_openssh_rename(temporary, path, done);
      });
    } catch (error) {
      await settle<undefined>((done) => {
        sftp.unlink(temporary, done);
      }).catch(() => undefined);
      throw error;
    }
  });
}

/** The status code of an error of SFTP; undefined when it is none, such as on a server without SFTP. */
export function sftpCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "number") return undefined;
  return error.code;
}

async function withSftp<T>(sessions: SshSessions, work: (sftp: SFTPWrapper) => Promise<T>): Promise<T> {
  const session = await sessions.session((client) =>
    settle<SFTPWrapper>((done) => {
      client.sftp(done);
    }),
  );
  const sftp = session.channel;
  sftp.on("error", () => undefined);
  // The server counts the session until it has closed it.
  sftp.once("close", () => {
    session.release();
  });
  try {
    return await work(sftp);
  } finally {
    sftp.end();
  }
}

function settle<T>(start: (done: (error: Error | null | undefined, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => {
      if (error instanceof Error) reject(error);
      else resolve(value as T);
    });
  });
}
